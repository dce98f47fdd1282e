"""Word lists of the check for names: common first names, and words that are none.

Names that are also everyday words in Danish or English (Bo, Mark, Rose, Per, Dan) are left out.
"""

_FIRST_NAMES = """
anne anna anette annette birgit birgitte bodil camilla caroline cecilie charlotte christina
connie ditte dorte dorthe ellen else emma freja gitte hanne helle henriette ida inge ingrid
jette josefine julie jytte karen karin katrine kirsten laura lene line lis lisbeth lise lone
lotte louise maria marianne marie maja mathilde mette mia nanna nina pernille pia rikke sanne
sara signe sofia sofie susanne tina tine trine ulla vibeke
anders allan anton bent benny bjarne brian carl carsten casper christian claus daniel david
emil erik finn flemming frank frederik gustav hans henning henrik ivan jacob jakob jan jens
jesper johannes john jonas jørgen jørn karl kasper kenneth kenny kevin klaus kristian lars lasse
leif martin mathias michael mikkel mogens morten niels nikolaj ole oliver oskar otto palle
peter poul preben rasmus rené simon steen steffen søren thomas tobias torben troels ulrik
uffe verner viggo victor viktor villy william
abdi abdul abdullah ahmad ahmed aisha ali amal amina amir aylin ayse fadi farah fatima fatma
hamza hassan hussein ibrahim jamila khadija khaled layla leila mahmoud maryam mehmet mohamad
mohamed mohammad mohammed muhammad mustafa nadia omar osman samira sami yasmin yusuf zahra
zeynep olena oksana natalia ivana aleksandar dragan agnieszka piotr
emily sarah james robert elizabeth
"""
FIRST_NAMES = frozenset(_FIRST_NAMES.split())

_ROLE_WORDS = """
borger borgeren beboer beboeren patient patienten klient klienten bruger brugeren
hr fru frk citizen resident client mr mrs ms miss
"""
ROLE_WORDS = frozenset(_ROLE_WORDS.split())

# Words that begin sentences, or stand with a capital for another reason than a name.
_STARTERS = """
og eller men så da når hvis at der det den de dem han hun hans hendes ham hende jeg vi i jer os
du man min mit mine vores jeres deres en et to tre fire fem kl klokken efter før under over
ved på til fra med uden om mod hos for af ind ud op ned her hvor hvad hvem hvorfor alle ingen
nogen noget begge flere få mange vagten nattevagten vold trussel kollega kolleger personalet
medarbejder medarbejdere leder politi politiet ambulance ambulancen falck også derefter siden
først bagefter senere igen nu ikke kun selv samme anden andet andre
the a an and or but so when if then there this that these those he she they we you it his her
their our my your who what where why after before during at on in by to from with without for
of all nobody somebody everyone both many few police ambulance colleague staff later now not
dear hello hi while as because once since no yes some any each every two three
mandag tirsdag onsdag torsdag fredag lørdag søndag monday tuesday wednesday thursday friday
saturday sunday januar februar marts april maj juni juli august september oktober november
december january february march may june july october
"""
STARTERS = frozenset(_STARTERS.split())

_PLACE_WORDS = """
stue afsnit afdeling blok bygning hus plan værelse lejlighed etage sal gade vej allé plads
torv park nord syd øst vest nørre sønder vester øster gamle ny nye store lille sankt kommune
region kors røde falck politi politiet hospital sygehus skadestue team enhed bosted herberg
danmark danske dansk københavn aarhus odense aalborg sjælland fyn jylland nordjylland
midtjylland syddanmark hovedstaden nordsjælland teams wellbeing microsoft proqol
livslinien arbejdstilsynet socialstyrelsen sundhedsstyrelsen
room ward unit floor building street road square hospital north south east west red cross
denmark danish copenhagen zealand funen jutland saint great old new
"""
PLACE_WORDS = frozenset(_PLACE_WORDS.split())

NOT_A_NAME = STARTERS | {"cpr", "vagtskifte", "obs", "nb", "tlf", "apv", "easy", "amr", "hr"}
