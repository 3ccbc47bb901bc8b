"""English names of languages, for the codes that the language model can say (ISO 639-1, else 639-2 or -3).

Two of its codes are Wikipedia's: ``als`` for Alemannic, ``eml`` for Emilian and Romagnol.
"""

from __future__ import annotations

NONE = "(none)"
"""Instead of a code: there is too little text to tell."""
UNMEASURED = "(not measured)"
"""Instead of a code: nobody looked."""

_NAMES = {
    NONE: "too little text to tell",
    UNMEASURED: "not measured",
    **dict(
        row.split(" ", 1)
        for row in """af Afrikaans|als Alemannic|am Amharic|an Aragonese|ar Arabic|arz Egyptian Arabic
|as Assamese|ast Asturian|av Avar|az Azerbaijani|azb South Azerbaijani|ba Bashkir|bar Bavarian|bcl Central Bikol
|be Belarusian|bg Bulgarian|bh Bihari|bn Bengali|bo Tibetan|bpy Bishnupriya|br Breton|bs Bosnian|bxr Buryat
|ca Catalan|cbk Chavacano|ce Chechen|ceb Cebuano|ckb Central Kurdish|co Corsican|cs Czech|cv Chuvash|cy Welsh
|da Danish|de German|diq Zazaki|dsb Lower Sorbian|dty Dotyali|dv Dhivehi|el Greek|eml Emilian and Romagnol
|en English|eo Esperanto|es Spanish|et Estonian|eu Basque|fa Persian|fi Finnish|fr French|frr North Frisian
|fy West Frisian|ga Irish|gd Scottish Gaelic|gl Galician|gn Guarani|gom Goan Konkani|gu Gujarati|gv Manx
|he Hebrew|hi Hindi|hif Fiji Hindi|hr Croatian|hsb Upper Sorbian|ht Haitian Creole|hu Hungarian|hy Armenian
|ia Interlingua|id Indonesian|ie Interlingue|ilo Ilocano|io Ido|is Icelandic|it Italian|ja Japanese|jbo Lojban
|jv Javanese|ka Georgian|kk Kazakh|km Khmer|kn Kannada|ko Korean|krc Karachay-Balkar|ku Kurdish|kv Komi
|kw Cornish|ky Kyrgyz|la Latin|lb Luxembourgish|lez Lezgian|li Limburgish|lmo Lombard|lo Lao|lrc Northern Luri
|lt Lithuanian|lv Latvian|mai Maithili|mg Malagasy|mhr Meadow Mari|min Minangkabau|mk Macedonian|ml Malayalam
|mn Mongolian|mr Marathi|mrj Hill Mari|ms Malay|mt Maltese|mwl Mirandese|my Burmese|myv Erzya|mzn Mazanderani
|nah Nahuatl|nap Neapolitan|nds Low German|ne Nepali|new Newar|nl Dutch|nn Norwegian Nynorsk|no Norwegian
|oc Occitan|or Odia|os Ossetian|pa Punjabi|pam Kapampangan|pfl Palatine German|pl Polish|pms Piedmontese
|pnb Western Punjabi|ps Pashto|pt Portuguese|qu Quechua|rm Romansh|ro Romanian|ru Russian|rue Rusyn|sa Sanskrit
|sah Yakut|sc Sardinian|scn Sicilian|sco Scots|sd Sindhi|sh Serbo-Croatian|si Sinhala|sk Slovak|sl Slovenian
|so Somali|sq Albanian|sr Serbian|su Sundanese|sv Swedish|sw Swahili|ta Tamil|te Telugu|tg Tajik|th Thai
|tk Turkmen|tl Tagalog|tr Turkish|tt Tatar|tyv Tuvan|ug Uyghur|uk Ukrainian|ur Urdu|uz Uzbek|vec Venetian
|vep Veps|vi Vietnamese|vls West Flemish|vo Volapük|wa Walloon|war Waray|wuu Wu Chinese|xal Kalmyk
|xmf Mingrelian|yi Yiddish|yo Yoruba|yue Cantonese|zh Chinese""".replace("\n", "").split("|")
    ),
}


def name_of(code: str) -> str:
    """What a language is called in English; its code where it has no name here."""
    return _NAMES.get(code, code)
