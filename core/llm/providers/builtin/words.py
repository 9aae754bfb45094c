"""Closed word classes and endings of English and German: the only linguistic knowledge that is not learned from demos.

They are the function words of the two languages and productive endings; no domain's terms stand here.
"""

DETERMINER = frozenset(
    "a an the this that these those each every any some no all both either neither such another other its their his her my our "
    "your whose which der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner dieser diese dieses "
    "diesen diesem jeder jede jedes jeden jedem alle allen aller beide beiden mehrere mehreren einige einigen sein seine seinen "
    "seinem seiner ihr ihre ihren ihrem ihrer unser unsere welche welcher welches".split()
)
PREPOSITION = frozenset(
    "of in on at by for with from to into onto over under after before between through during against about within without upon "
    "per via until since than as like toward towards across along among around behind below above beneath beside besides despite "
    "except inside outside near off out up down because while whether unless if although though when where once so that im am zum "
    "zur vom beim ins ans von mit nach bei aus zu an auf für über unter vor hinter neben zwischen durch gegen ohne um bis ab seit "
    "während wegen trotz laut je pro als wie dass ob wenn weil da damit sobald sofern falls bevor nachdem obwohl innerhalb "
    "außerhalb mittels gemäß infolge aufgrund anhand bzw".split()
)
CONJUNCTION = frozenset("and or but nor yet plus und oder aber sondern sowie doch denn weder noch sowohl".split())
PRONOUN = frozenset(
    "i you he she it we they him them us me who whom what there here itself themselves himself herself one ones ich du er sie es "
    "wir man ihm ihn ihnen uns mich sich wer was wo dies dabei dazu dafür darauf daran davon dadurch darin daraus dort hier".split()
)
AUXILIARY = frozenset(
    "is are was were be been being am has have had having do does did will would shall should can could may might must cannot need "
    "ist sind war waren sein wird werden wurde wurden worden hat haben hatte hatten kann können konnte muss müssen musste soll "
    "sollen sollte darf dürfen bleibt bleiben lässt lassen sei wäre".split()
)
MODAL = frozenset("to will would shall should can could may might must cannot".split())
ADVERB = frozenset(
    "not also only just very more most less least then now still already again always never often too well even much many few "
    "further however therefore thus otherwise instead rather later first second last next same own soon both together nicht auch "
    "nur sehr mehr weniger dann jetzt noch schon wieder immer nie oft zu sogar viel wenig weiter jedoch daher somit sonst "
    "stattdessen zuerst danach anschließend dabei außerdem etwa ca circa rund bereits erst stets zunächst".split()
)
NUMBER_WORD = frozenset(
    "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred thousand million billion zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig vierzig fünfzig "
    "hundert tausend millionen".split()
)
NAME_LINK = frozenset("of the de la du van von der del di and & for 's".split())
"""Lower-case words that may stand between the capitalized words of one name, as in "Bank of the West"."""
MONTH = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept "
    "oct nov dec januar februar märz mai juni juli oktober dezember".split()
)
WEEKDAY = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag".split()
)
MAGNITUDE = frozenset("hundred thousand million billion trillion millionen milliarden".split())
CURRENCY = frozenset("$ € £ eur usd gbp chf".split())
GERMAN_HINT = frozenset(
    "der die das und ist nicht den dem des ein eine mit auf für von im zu bei wird sich werden sind durch nach oder".split()
)
ENGLISH_HINT = frozenset("the and is not of a an with on for from in to by be are this that or as at it its was has".split())
UNIT = frozenset(
    "% ° °c °f k mm cm m km nm µm mg g kg t ml l ms s min h hz khz mhz ghz v mv kv a ma w kw mw va n kn pa kpa mpa bar mbar rpm db "
    "ppm mol mmol mmhg bpm iu u kb mb gb tb kib mib gib byte bytes bit bits percent prozent eur usd gbp chf dollar dollars euro "
    "euros cent cents $ € £ second seconds minute minutes hour hours day days week weeks month months year years times sekunde "
    "sekunden minuten stunde stunden tag tage tagen woche wochen monat monate monaten jahr jahre jahren grad volt ampere watt "
    "meter liter".split()
)
ADJECTIVE_ENDING = (
    "able", "ible", "ous", "ful", "less", "ive", "ic", "ical", "al", "ary", "ant", "ent", "ish",
    "liche", "licher", "liches", "lichen", "ige", "iger", "iges", "igen", "ische", "ischer", "isches", "ischen", "bare", "baren", "barer",
)  # fmt: skip
NOUN_ENDING = ("tion", "sion", "ment", "ness", "ity", "ance", "ence", "ship", "age", "ure", "ism", "ist", "er", "or", "ing")
VERB_ENDING = ("ed", "ize", "izes", "ify", "ifies", "ates")
