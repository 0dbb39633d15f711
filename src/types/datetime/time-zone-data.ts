/**
 * Facts of the time zone database and of the default set of abbreviations: which zone names exist, how each zone
 * abbreviates its offsets, and what abbreviations mean in input. Offsets and transitions themselves come from Intl.
 */

/**
 * One line a group of zones: `abbreviations|names`. An abbreviation is `NAME=seconds` (standard time) or
 * `NAME*seconds` (daylight saving), east of UTC; without a name the zone abbreviates the offset by its digits.
 */
export const ZONE_GROUPS = `
GMT=0|Africa/Abidjan Africa/Bamako Africa/Bissau Africa/Conakry Africa/Dakar Africa/Lome Africa/Nouakchott Africa/Ouagadougou Africa/Timbuktu Atlantic/Reykjavik Etc/GMT Etc/GMT+0 Etc/GMT-0 Etc/GMT0 Etc/Greenwich GMT GMT+0 GMT-0 GMT0 Greenwich Iceland
GMT=0 *1800 *1200|Africa/Accra
EAT=10800 ADMT=9320|Africa/Addis_Ababa
CET=3600 WET=0 CEST*7200 PMT=561|Africa/Algiers
EAT=10800 ADMT=9320 AMT=9332|Africa/Asmara
EAT=10800|Africa/Asmera Africa/Dar_es_Salaam Africa/Djibouti Africa/Kampala Africa/Mogadishu Africa/Nairobi Indian/Comoro Indian/Mayotte
WAT=3600|Africa/Bangui Africa/Brazzaville Africa/Douala Africa/Kinshasa Africa/Libreville Africa/Luanda
GMT=0 BMT=-3996|Africa/Banjul
CAT=7200 ZMT=8460 ZMT=8470|Africa/Blantyre
CAT=7200|Africa/Bujumbura Africa/Harare Africa/Kigali Africa/Lusaka Africa/Maputo
EET=7200 EEST*10800|Africa/Cairo Asia/Beirut Asia/Famagusta Asia/Gaza Asia/Hebron Asia/Nicosia EET Egypt Europe/Nicosia
*0|Africa/Casablanca Africa/El_Aaiun
CET=3600 CEST*7200 WET=0|Africa/Ceuta Europe/Andorra Europe/Luxembourg Europe/Madrid
GMT=0 *-2400 FMT=-3180|Africa/Freetown
CAT=7200 CAST*10800 SAST=5400|Africa/Gaborone
SAST=7200 SAST*10800 SAST=5400|Africa/Johannesburg
CAT=7200 EAT=10800|Africa/Juba Africa/Khartoum
WAT=3600 GMT=0|Africa/Lagos Africa/Malabo Africa/Niamey Africa/Porto-Novo
CAT=7200 WAT=3600|Africa/Lubumbashi
SAST=7200 SAST*10800|Africa/Maseru
SAST=7200|Africa/Mbabane
GMT=0 MMT=-2670 MMT=-2588|Africa/Monrovia
WAT=3600 WAST*7200|Africa/Ndjamena
GMT=0 WAT=3600|Africa/Sao_Tome
EET=7200 CET=3600|Africa/Tripoli Libya
CET=3600 CEST*7200 PMT=561|Africa/Tunis
CAT=7200 WAT*3600 SAST*10800|Africa/Windhoek
HST=-36000 HDT*-32400 BST=-39600|America/Adak America/Atka US/Aleutian
AKST=-32400 AKDT*-28800 AHST=-36000|America/Anchorage US/Alaska
AST=-14400|America/Anguilla America/Aruba America/Curacao America/Dominica America/Grenada America/Guadeloupe America/Montserrat America/Port_of_Spain America/St_Kitts America/St_Thomas America/Tortola
AST=-14400 EST=-18000|America/Antigua
*-7200|America/Araguaina America/Bahia America/Belem America/Fortaleza America/Maceio America/Recife America/Sao_Paulo Antarctica/Palmer Brazil/East
*-7200 CMT=-15408|America/Argentina/Buenos_Aires America/Argentina/Catamarca America/Argentina/ComodRivadavia America/Argentina/Cordoba America/Argentina/Jujuy America/Argentina/La_Rioja America/Argentina/Mendoza America/Argentina/Rio_Gallegos America/Argentina/Salta America/Argentina/San_Juan America/Argentina/San_Luis America/Argentina/Tucuman America/Argentina/Ushuaia America/Buenos_Aires America/Catamarca America/Cordoba America/Jujuy America/Mendoza America/Rosario
AMT=-13840|America/Asuncion
EST=-18000 CST=-21600|America/Atikokan
CST=-21600 CDT*-18000 MST=-25200|America/Bahia_Banderas America/Mexico_City America/Monterrey America/North_Dakota/Beulah America/North_Dakota/Center America/North_Dakota/New_Salem America/Ojinaga Mexico/General
AST=-14400 ADT*-10800 *-12600|America/Barbados
CST=-21600 CDT*-18000 *-19800|America/Belize
AST=-14400 APT*-10800|America/Blanc-Sablon America/Kralendijk America/Lower_Princes America/Marigot America/Puerto_Rico America/St_Barthelemy America/Virgin
*-10800|America/Boa_Vista America/Campo_Grande America/Cuiaba America/Manaus America/Porto_Velho Brazil/West
*-14400 BMT=-17776|America/Bogota
MST=-25200 MDT*-21600 PST=-28800|America/Boise America/Inuvik
MST=-25200 MDT*-21600 EST=-18000|America/Cambridge_Bay
EST=-18000 CST=-21600 EDT*-14400|America/Cancun
CMT=-16060|America/Caracas
|America/Cayenne America/Eirunepe America/Guyana America/Porto_Acre America/Rio_Branco America/Santarem Antarctica/Casey Antarctica/Davis Antarctica/DumontDUrville Antarctica/Mawson Antarctica/Rothera Antarctica/Syowa Antarctica/Vostok Asia/Aden Asia/Bahrain Asia/Brunei Asia/Chita Asia/Dili Asia/Dubai Asia/Kabul Asia/Kashgar Asia/Kathmandu Asia/Katmandu Asia/Khandyga Asia/Krasnoyarsk Asia/Kuwait Asia/Magadan Asia/Muscat Asia/Omsk Asia/Qatar Asia/Qostanay Asia/Qyzylorda Asia/Riyadh Asia/Srednekolymsk Asia/Thimbu Asia/Thimphu Asia/Urumqi Asia/Ust-Nera Asia/Vladivostok Asia/Yakutsk Atlantic/Cape_Verde Atlantic/South_Georgia Brazil/Acre Etc/GMT+1 Etc/GMT+10 Etc/GMT+11 Etc/GMT+12 Etc/GMT+2 Etc/GMT+3 Etc/GMT+4 Etc/GMT+5 Etc/GMT+6 Etc/GMT+7 Etc/GMT+8 Etc/GMT+9 Etc/GMT-1 Etc/GMT-10 Etc/GMT-11 Etc/GMT-12 Etc/GMT-13 Etc/GMT-14 Etc/GMT-2 Etc/GMT-3 Etc/GMT-4 Etc/GMT-5 Etc/GMT-6 Etc/GMT-7 Etc/GMT-8 Etc/GMT-9 Indian/Chagos Indian/Christmas Indian/Cocos Indian/Kerguelen Indian/Mahe Indian/Reunion Kwajalein Pacific/Chuuk Pacific/Enderbury Pacific/Fakaofo Pacific/Funafuti Pacific/Gambier Pacific/Guadalcanal Pacific/Kanton Pacific/Kiritimati Pacific/Kosrae Pacific/Kwajalein Pacific/Majuro Pacific/Marquesas Pacific/Nauru Pacific/Niue Pacific/Palau Pacific/Pitcairn Pacific/Pohnpei Pacific/Ponape Pacific/Tahiti Pacific/Tarawa Pacific/Wake Pacific/Wallis
EST=-18000 KMT=-18430|America/Cayman
CST=-21600 CDT*-18000|America/Chicago America/El_Salvador America/Guatemala America/Indiana/Knox America/Knox_IN America/Matamoros America/Menominee America/Merida America/Rainy_River America/Rankin_Inlet America/Resolute America/Tegucigalpa America/Winnipeg CST6CDT Canada/Central US/Central US/Indiana-Starke
CST=-21600 MST=-25200 CDT*-18000|America/Chihuahua
MST=-25200 MDT*-21600 CDT*-18000|America/Ciudad_Juarez
EST=-18000 CMT=-19176|America/Coral_Harbour America/Panama
CST=-21600 CDT*-18000 SJMT=-20173|America/Costa_Rica
SMT=-16965|America/Coyhaique America/Punta_Arenas
MST=-25200 PST=-28800|America/Creston America/Dawson_Creek America/Fort_Nelson
GMT=0 *-7200|America/Danmarkshavn
MST=-25200 PST=-28800 YST=-32400|America/Dawson America/Whitehorse Canada/Yukon
MST=-25200 MDT*-21600|America/Denver America/Edmonton America/Hermosillo America/Mazatlan America/Phoenix America/Shiprock America/Yellowknife Canada/Mountain MST7MDT Mexico/BajaSur Navajo US/Arizona US/Mountain
EST=-18000 EDT*-14400 CST=-21600|America/Detroit America/Fort_Wayne America/Indiana/Indianapolis America/Indiana/Marengo America/Indiana/Petersburg America/Indiana/Vevay America/Indiana/Vincennes America/Indiana/Winamac America/Indianapolis America/Iqaluit America/Kentucky/Louisville America/Kentucky/Monticello America/Louisville America/Pangnirtung US/East-Indiana US/Michigan
PST=-28800 PDT*-25200|America/Ensenada America/Los_Angeles America/Santa_Isabel America/Tijuana America/Vancouver Canada/Pacific Mexico/BajaNorte PST8PDT US/Pacific
AST=-14400 ADT*-10800|America/Glace_Bay America/Halifax America/Thule Canada/Atlantic
*-3600|America/Godthab America/Noronha America/Nuuk Brazil/DeNoronha
AST=-14400 ADT*-10800 ADDT*-7200 NST=-12600 NDT*-9000 NST=-12652 NDT*-9052|America/Goose_Bay
EST=-18000 EDT*-14400 KMT=-18430|America/Grand_Turk America/Jamaica Jamaica
*-14400 QMT=-18840|America/Guayaquil
CST=-18000 CDT*-14400 HMT=-19776|America/Havana Cuba
CST=-21600 CDT*-18000 EDT*-14400|America/Indiana/Tell_City
AKST=-32400 AKDT*-28800 PDT*-25200|America/Juneau America/Metlakatla America/Sitka
BST*-12756 CMT=-16356|America/La_Paz
*-14400|America/Lima
CST=-21600 CDT*-18000 MMT=-20712|America/Managua
AST=-14400 ADT*-10800 FFMT=-14660|America/Martinique
*-7200 AST=-14400|America/Miquelon
AST=-14400 ADT*-10800 EST=-18000|America/Moncton
*-7200 *-9000 *-5400 MMT=-13491|America/Montevideo
EST=-18000 EDT*-14400|America/Montreal America/Nassau America/New_York America/Nipigon America/Thunder_Bay America/Toronto Canada/Eastern EST5EDT US/Eastern
AKST=-32400 AKDT*-28800 BDT*-36000 BST=-39600|America/Nome
PMT=-13236 PMT=-13252|America/Paramaribo
EST=-18000 EDT*-14400 PPMT=-17340|America/Port-au-Prince
CST=-21600 MST=-25200|America/Regina America/Swift_Current Canada/Saskatchewan
*-10800 SMT=-16965|America/Santiago Chile/Continental
AST=-14400 EST=-18000 *-16200 SDMT=-16800|America/Santo_Domingo
*-3600 *0|America/Scoresbysund
NST=-12600 NDT*-9000 NDDT*-5400 NST=-12652 NDT*-9052|America/St_Johns Canada/Newfoundland
AST=-14400 CMT=-14640|America/St_Lucia
AST=-14400 KMT=-14696|America/St_Vincent
AKST=-32400 AKDT*-28800|America/Yakutat
AEDT*39600 AEST=36000|Antarctica/Macquarie Australia/ACT Australia/Canberra Australia/Currie Australia/Hobart Australia/Melbourne Australia/NSW Australia/Sydney Australia/Tasmania Australia/Victoria
NZDT*46800 NZST=43200|Antarctica/McMurdo
NZDT*46800 NZST=43200 NZMT=41400 NZST*45000|Antarctica/South_Pole NZ Pacific/Auckland
*7200|Antarctica/Troll
CET=3600 CEST*7200 CEMT*10800|Arctic/Longyearbyen Atlantic/Jan_Mayen Europe/Berlin
*25200|Asia/Almaty Asia/Bishkek
EET=7200|Asia/Amman Asia/Damascus
*46800 *50400|Asia/Anadyr
*21600|Asia/Aqtau Asia/Aqtobe Asia/Ashgabat Asia/Ashkhabad Asia/Atyrau Asia/Oral Asia/Samarkand
*14400 BMT=10656|Asia/Baghdad
*18000|Asia/Baku Asia/Yerevan Europe/Astrakhan Europe/Samara Europe/Saratov Europe/Ulyanovsk Indian/Mauritius
BMT=24124|Asia/Bangkok
*28800|Asia/Barnaul Asia/Hovd Asia/Novokuznetsk Asia/Novosibirsk Asia/Tomsk
IST=19800 *23400 MMT=19270 HMT=21200|Asia/Calcutta Asia/Kolkata
*32400|Asia/Choibalsan Asia/Ulaanbaatar Asia/Ulan_Bator
CST=28800 CDT*32400|Asia/Chongqing Asia/Chungking Asia/Harbin Asia/Shanghai Asia/Taipei PRC ROC
MMT=19172|Asia/Colombo
*25200 HMT=21200|Asia/Dacca Asia/Dhaka
*21600 *25200|Asia/Dushanbe Asia/Tashkent
PLMT=25590|Asia/Ho_Chi_Minh Asia/Phnom_Penh Asia/Saigon Asia/Vientiane
HKT=28800 HKST*32400 HKWT*30600|Asia/Hong_Kong Hongkong
IMT=25025|Asia/Irkutsk
EET=7200 *14400 IMT=7016|Asia/Istanbul Europe/Istanbul Turkey
WIB=25200 BMT=25632|Asia/Jakarta
WIT=32400|Asia/Jayapura
IST=7200 IDT*10800 IDDT*14400 JMT=8440|Asia/Jerusalem Asia/Tel_Aviv Israel
*46800|Asia/Kamchatka Pacific/Fiji
PKT=18000 PKST*21600 *23400|Asia/Karachi
SMT=24925|Asia/Kuala_Lumpur Asia/Singapore Singapore
*30000|Asia/Kuching
CST=28800 CDT*32400 *36000|Asia/Macao Asia/Macau
WITA=28800 MMT=28656|Asia/Makassar Asia/Ujung_Pandang
PST=28800 PDT*32400|Asia/Manila
WIB=25200 WITA=28800 PMT=26240|Asia/Pontianak
KST=32400 KST=30600|Asia/Pyongyang
RMT=23087|Asia/Rangoon Asia/Yangon
*43200|Asia/Sakhalin Pacific/Efate Pacific/Noumea
KST=32400 KDT*36000 KST=30600 KDT*34200|Asia/Seoul ROK
*18000 TBMT=10751|Asia/Tbilisi
*16200 *18000 TMT=12344|Asia/Tehran Iran
JST=32400 JDT*36000|Asia/Tokyo Japan
PMT=13505|Asia/Yekaterinburg
*0 WEST*3600 HMT=-6872|Atlantic/Azores
AST=-14400 ADT*-10800 BMT=-15558 BST*-11958|Atlantic/Bermuda
WET=0 WEST*3600|Atlantic/Canary Atlantic/Faeroe Atlantic/Faroe WET
WET=0 WEST*3600 FMT=-4056|Atlantic/Madeira
GMT=0 JMT=-1368|Atlantic/St_Helena
*-7200 SMT=-13884|Atlantic/Stanley
ACDT*37800 ACST=34200 ACST=32400|Australia/Adelaide Australia/South
AEST=36000 AEDT*39600|Australia/Brisbane Australia/Lindeman Australia/Queensland
ACDT*37800 ACST=34200 ACST=32400 AEST=36000|Australia/Broken_Hill Australia/Yancowinna
ACST=34200 ACDT*37800 ACST=32400|Australia/Darwin Australia/North
*35100|Australia/Eucla
*39600 *41400 AEST=36000|Australia/LHI Australia/Lord_Howe
AWST=28800 AWDT*32400|Australia/Perth Australia/West
CET=3600 CEST*7200|CET Europe/Belgrade Europe/Budapest Europe/Ljubljana Europe/Malta Europe/Oslo Europe/Podgorica Europe/Sarajevo Europe/Skopje Europe/Tirane Europe/Vaduz Europe/Vienna Europe/Zagreb
*-18000 EMT=-26248|Chile/EasterIsland Pacific/Easter
EST=-18000|EST
GMT*0 IST=3600 IST*2079 DMT=-1521|Eire Europe/Dublin
UTC=0|Etc/UCT Etc/UTC Etc/Universal Etc/Zulu UCT UTC Universal Zulu
CET=3600 CEST*7200 *4800 NST*4772 AMT=1172|Europe/Amsterdam
EET=7200 EEST*10800 CET=3600 AMT=5692|Europe/Athens
GMT=0 BST*3600 BDST*7200|Europe/Belfast Europe/Guernsey Europe/Isle_of_Man Europe/Jersey Europe/London GB GB-Eire
CET=3600 CEST*7200 GMT*0 PMT=3464|Europe/Bratislava Europe/Prague
CET=3600 CEST*7200 WET=0 BMT=1050|Europe/Brussels
EET=7200 EEST*10800 BMT=6264|Europe/Bucharest
CET=3600 CEST*7200 BMT=1786|Europe/Busingen Europe/Zurich
EET=7200 EEST*10800 MSD*14400 CET=3600 BMT=6264 CMT=6900|Europe/Chisinau Europe/Tiraspol
CET=3600 CEST*7200 CMT=3020|Europe/Copenhagen
CET=3600 CEST*7200 GMT=0|Europe/Gibraltar
EET=7200 EEST*10800 HMT=5989|Europe/Helsinki Europe/Mariehamn
EET=7200 MSD*14400 CET=3600|Europe/Kaliningrad
EET=7200 EEST*10800 MSD*14400 CET=3600 KMT=7324|Europe/Kiev Europe/Kyiv Europe/Uzhgorod Europe/Zaporozhye
MSK=10800 MSK=14400 *18000|Europe/Kirov
WET=0 WEST*3600 CEST*7200|Europe/Lisbon Portugal
EET=7200 MSD*14400 CET=3600 MMT=6600|Europe/Minsk
CET=3600 CEST*7200 WET=0 PMT=561|Europe/Monaco Europe/Paris
MSK=10800 MSK=14400 EET=7200 *18000 MDST*16279 MST*12679 MMT=9079 MMT=9017|Europe/Moscow W-SU
EET=7200 EEST*10800 MSD*14400 CET=3600 RMT=5794 LST*9394|Europe/Riga
CET=3600 CEST*7200 RMT=2996|Europe/Rome Europe/San_Marino Europe/Vatican
MSK=10800 MSK=14400 EET=7200 CET=3600 SMT=8160|Europe/Simferopol
EET=7200 EEST*10800 CET=3600 IMT=7016|Europe/Sofia
CET=3600 CEST*7200 SET=3614|Europe/Stockholm
EET=7200 EEST*10800 MSD*14400 CET=3600 TMT=5940|Europe/Tallinn
EET=7200 EEST*10800 CET=3600 MSD*14400 KMT=5736 WMT=5040|Europe/Vilnius
MSK=10800 *18000|Europe/Volgograd
CET=3600 CEST*7200 EEST*10800 WMT=5040|Europe/Warsaw Poland
HST=-36000|HST
EAT=10800 EAST*14400|Indian/Antananarivo
MMT=17640|Indian/Maldives
MET=3600 MEST*7200|MET
MST=-25200|MST
*49500|NZ-CHAT Pacific/Chatham
*50400 *-36000|Pacific/Apia
PMMT=35312|Pacific/Bougainville Pacific/Port_Moresby Pacific/Truk Pacific/Yap
*-18000|Pacific/Galapagos
ChST=36000 GDT*39600|Pacific/Guam Pacific/Saipan
HST=-36000 HST=-37800 HPT*-34200|Pacific/Honolulu Pacific/Johnston US/Hawaii
SST=-39600 *-36000|Pacific/Midway
*43200 *45000|Pacific/Norfolk
SST=-39600|Pacific/Pago_Pago Pacific/Samoa US/Samoa
*-34200|Pacific/Rarotonga
*50400|Pacific/Tongatapu
`;

/** `NAME=seconds`, `NAME*seconds` (daylight saving) or `NAME@zone` where the meaning changed over time. */
export const INPUT_ABBREVIATIONS = `
EAT=10800 SAST=7200 WAT=3600 ACT=-18000 AKDT*-28800 AKST=-32400 ART@America/Argentina/Buenos_Aires
ARST@America/Argentina/Buenos_Aires BOT=-14400 BRA=-10800 BRST*-7200 BRT=-10800 COT=-18000
CDT*-18000 CLST*-10800 CLT@America/Santiago CST=-21600 EDT*-14400 EGST*0 EGT=-3600 EST=-18000
FNT=-7200 FNST*-3600 GFT=-10800 GYT@America/Guyana MDT*-21600 MST=-25200 NDT*-9000 NFT=-12600
NST=-12600 PET=-18000 PDT*-25200 PMDT*-7200 PMST=-10800 PST=-28800 PYST*-10800 PYT@America/Asuncion
UYST*-7200 UYT=-10800 VET@America/Caracas WGST*-7200 WGT=-10800 DAVT@Antarctica/Davis DDUT=36000
MAWT@Antarctica/Mawson AFT=16200 ALMT=21600 ALMST*25200 AMST@Asia/Yerevan AMT=-14400
ANAST@Asia/Anadyr ANAT@Asia/Anadyr AZST@Asia/Baku AZT@Asia/Baku BDT=21600 BNT=28800 BORT=28800
BTT=21600 CCT=28800 GEST@Asia/Tbilisi GET@Asia/Tbilisi HKT=28800 ICT=25200 IDT*10800
IRKST@Asia/Irkutsk IRKT@Asia/Irkutsk IRT=12600 IST=7200 JAYT=32400 JST=32400 KDT*36000 KGST*21600
KGT@Asia/Bishkek KRAST@Asia/Krasnoyarsk KRAT@Asia/Krasnoyarsk KST=32400 LKT@Asia/Colombo
MAGST@Asia/Magadan MAGT@Asia/Magadan MMT=23400 MYT=28800 NOVST@Asia/Novosibirsk
NOVT@Asia/Novosibirsk NPT=20700 OMSST@Asia/Omsk OMST@Asia/Omsk PETST@Asia/Kamchatka
PETT@Asia/Kamchatka PHT=28800 PKT=18000 PKST*21600 SGT@Asia/Singapore TJT=18000 TMT@Asia/Ashgabat
ULAST*32400 ULAT@Asia/Ulaanbaatar UZST*21600 UZT=18000 VLAST@Asia/Vladivostok VLAT@Asia/Vladivostok
XJT=21600 YAKST@Asia/Yakutsk YAKT@Asia/Yakutsk YEKST*21600 YEKT@Asia/Yekaterinburg ADT*-10800
AST=-14400 AZOST*0 AZOT=-3600 FKST@Atlantic/Stanley FKT@Atlantic/Stanley ACSST*37800 ACDT*37800
ACST=34200 ACWST=31500 AESST*39600 AEDT*39600 AEST=36000 AWSST*32400 AWST=28800 CADT*37800
CAST=34200 LHDT@Australia/Lord_Howe LHST=37800 LIGT=36000 NZT=43200 SADT*37800 WADT*28800 WAST=25200
WDT*32400 GMT=0 UCT=0 UT=0 UTC=0 Z=0 ZULU=0 BST*3600 BDST*7200 CEST*7200 CET=3600 CETDST*7200
EEST*10800 EET=7200 EETDST*10800 FET=10800 MEST*7200 MESZ*7200 MET=3600 METDST*7200 MEZ=3600
MSD*14400 MSK@Europe/Moscow VOLT@Europe/Volgograd WET=0 WETDST*3600 CXT=25200 IOT@Indian/Chagos
MUT=14400 MUST*18000 MVT=18000 RET=14400 SCT=14400 TFT=18000 CHADT*49500 CHAST=45900 CHUT=36000
CKT@Pacific/Rarotonga EASST@Pacific/Easter EAST@Pacific/Easter FJST*46800 FJT=43200 GALT=-21600
GAMT=-32400 GILT=43200 HST=-36000 KOST@Pacific/Kosrae LINT@Pacific/Kiritimati MART=-34200 MHT=43200
MPT=36000 NUT@Pacific/Niue NZDT*46800 NZST=43200 PGT=36000 PONT=39600 PWT=32400 TAHT=-36000
TKT@Pacific/Fakaofo TOT=46800 TRUT=36000 TVT=43200 VUT=39600 WAKT=43200 WFT=43200 YAPT=36000
`;
