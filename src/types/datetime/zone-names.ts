/**
 * The names of all time zones and what their times are called. Offsets in time come from Intl; it knows no names for
 * most zones, so a line lists them: `NAME[*]<offset>` with the offset in quarters of an hour (or seconds, with s), a star for
 * summer time and no name where the name is the offset in digits; then the zones. What is not listed is local mean time.
 */
const LINES = `
GMT0|Africa/Abidjan Africa/Lome Africa/Ouagadougou Africa/Timbuktu Etc/GMT Etc/GMT+0 Etc/GMT-0 Etc/GMT0 Etc/Greenwich GMT GMT+0 GMT-0 GMT0 Greenwich Iceland
GMT0,*1200s,*2|Africa/Accra
ADMT9320s,EAT12|Africa/Addis_Ababa
WET0,PMT561s,CET4,CEST*8|Africa/Algiers Europe/Monaco Europe/Paris
ADMT9320s,AMT9332s,EAT12|Africa/Asmara
10,11,EAT12|Africa/Asmera Africa/Kampala Africa/Nairobi
-4,GMT0|Africa/Bamako Africa/Bissau Africa/Conakry Africa/Dakar Africa/Nouakchott Atlantic/Reykjavik
WAT4|Africa/Bangui Africa/Brazzaville Africa/Douala Africa/Kinshasa Africa/Libreville Africa/Luanda
BMT-3996s,-4,GMT0|Africa/Banjul
CAT8,ZMT8460s,ZMT8470s|Africa/Blantyre
CAT8|Africa/Bujumbura Africa/Harare Africa/Kigali Africa/Lusaka Africa/Maputo
EET8,EEST*12|Africa/Cairo Asia/Beirut Asia/Famagusta Asia/Gaza Asia/Hebron Asia/Nicosia EET Egypt Europe/Nicosia
*0,4|Africa/Casablanca
WET0,CET4,CEST*8|Africa/Ceuta Europe/Andorra Europe/Luxembourg Europe/Madrid
11,EAT12|Africa/Dar_es_Salaam
EAT12|Africa/Djibouti Indian/Comoro Indian/Mayotte
-4,*0,4|Africa/El_Aaiun
-4,FMT-3180s,*-2400s,GMT0|Africa/Freetown
SAST6,CAT8,CAST*12|Africa/Gaborone
SAST6,SAST8,SAST*12|Africa/Johannesburg
CAT8,EAT12|Africa/Juba Africa/Khartoum
GMT0,2,WAT4|Africa/Lagos
WAT4,CAT8|Africa/Lubumbashi
GMT0,WAT4|Africa/Malabo Africa/Porto-Novo Africa/Sao_Tome
SAST8,SAST*12|Africa/Maseru
SAST8|Africa/Mbabane
10,EAT12|Africa/Mogadishu
MMT-2670s,MMT-2588s,GMT0|Africa/Monrovia
WAT4,WAST*8|Africa/Ndjamena
-4,GMT0,WAT4|Africa/Niamey
CET4,EET8|Africa/Tripoli Libya
PMT561s,CET4,CEST*8|Africa/Tunis
WAT*4,6,CAT8,SAST*12|Africa/Windhoek
BST-44,HST-40,HDT*-36|America/Adak America/Atka US/Aleutian
AHST-40,AKST-36,AKDT*-32|America/Anchorage US/Alaska
AST-16|America/Anguilla America/Dominica America/Grenada America/Guadeloupe America/Montserrat America/Port_of_Spain America/St_Kitts America/St_Thomas America/Tortola
EST-20,AST-16|America/Antigua
-12,*-8|America/Araguaina America/Bahia America/Belem America/Fortaleza America/Maceio America/Recife America/Sao_Paulo Brazil/East
CMT-15408s,-16,-12,*-8|America/Argentina/Buenos_Aires America/Argentina/Catamarca America/Argentina/ComodRivadavia America/Argentina/Cordoba America/Argentina/Jujuy America/Argentina/La_Rioja America/Argentina/Mendoza America/Argentina/Rio_Gallegos America/Argentina/Salta America/Argentina/San_Juan America/Argentina/San_Luis America/Argentina/Tucuman America/Argentina/Ushuaia America/Buenos_Aires America/Catamarca America/Cordoba America/Jujuy America/Mendoza America/Rosario
-18,AST-16|America/Aruba America/Curacao
-16,AMT-13840s,-12|America/Asuncion
CST-24,EST-20|America/Atikokan
MST-28,CST-24,CDT*-20|America/Bahia_Banderas America/Chihuahua America/Mexico_City America/Monterrey America/North_Dakota/Beulah America/North_Dakota/Center America/North_Dakota/New_Salem America/Ojinaga Mexico/General
AST-16,*-14,ADT*-12|America/Barbados
CST-24,*-22,CDT*-20|America/Belize
AST-16,APT*-12|America/Blanc-Sablon America/Kralendijk America/Lower_Princes America/Marigot America/Puerto_Rico America/St_Barthelemy America/Virgin
-16,*-12|America/Boa_Vista America/Campo_Grande America/Cuiaba America/Manaus America/Porto_Velho Brazil/West
-20,BMT-17776s,*-16|America/Bogota
PST-32,MST-28,MDT*-24|America/Boise
MST-28,MDT*-24,EST-20,-000|America/Cambridge_Bay
CST-24,EST-20,EDT*-16|America/Cancun America/Detroit America/Fort_Wayne America/Indiana/Indianapolis America/Indiana/Marengo America/Indiana/Petersburg America/Indiana/Vevay America/Indiana/Vincennes America/Indiana/Winamac America/Indianapolis America/Kentucky/Louisville America/Kentucky/Monticello America/Louisville US/East-Indiana US/Michigan
-18,CMT-16060s,-16|America/Caracas
-16,-12|America/Cayenne America/Santarem
KMT-18430s,EST-20|America/Cayman
CST-24,CDT*-20|America/Chicago America/El_Salvador America/Guatemala America/Indiana/Knox America/Knox_IN America/Matamoros America/Menominee America/Merida America/Rainy_River America/Tegucigalpa America/Winnipeg CST6CDT Canada/Central US/Central US/Indiana-Starke
MST-28,MDT*-24,CDT*-20|America/Ciudad_Juarez
CMT-19176s,EST-20|America/Coral_Harbour America/Panama
CST-24,SJMT-20173s,CDT*-20|America/Costa_Rica
-20,SMT-16965s,-16,-12|America/Coyhaique America/Punta_Arenas
PST-32,MST-28|America/Creston America/Dawson_Creek America/Fort_Nelson
-12,*-8,GMT0|America/Danmarkshavn
YST-36,PST-32,MST-28|America/Dawson America/Whitehorse Canada/Yukon
MST-28,MDT*-24|America/Denver America/Edmonton America/Hermosillo America/Mazatlan America/Phoenix America/Shiprock America/Yellowknife Canada/Mountain MST7MDT Mexico/BajaSur Navajo US/Arizona US/Mountain
-20,-16|America/Eirunepe America/Porto_Acre America/Rio_Branco Brazil/Acre
PST-32,PDT*-28|America/Ensenada America/Los_Angeles America/Santa_Isabel America/Tijuana America/Vancouver Canada/Pacific Mexico/BajaNorte PST8PDT US/Pacific
AST-16,ADT*-12|America/Glace_Bay America/Halifax America/Thule Canada/Atlantic
-12,-8,*-4|America/Godthab America/Nuuk
AST-16,NST-12652s,NST-14,ADT*-12,NDT*-9052s,NDT*-10,ADDT*-8|America/Goose_Bay
KMT-18430s,EST-20,EDT*-16|America/Grand_Turk America/Jamaica Jamaica
QMT-18840s,-20,*-16|America/Guayaquil
-16,-15,-12|America/Guyana
HMT-19776s,CST-20,CDT*-16|America/Havana Cuba
CST-24,CDT*-20,EDT*-16|America/Indiana/Tell_City
PST-32,MST-28,MDT*-24,-000|America/Inuvik
CST-24,EST-20,EDT*-16,-000|America/Iqaluit America/Pangnirtung
AKST-36,AKDT*-32,PDT*-28|America/Juneau America/Metlakatla America/Sitka
CMT-16356s,-16,BST*-12756s|America/La_Paz
-20,*-16|America/Lima
CST-24,MMT-20712s,CDT*-20|America/Managua
FFMT-14660s,AST-16,ADT*-12|America/Martinique
AST-16,-12,*-8|America/Miquelon
EST-20,AST-16,ADT*-12|America/Moncton
-16,MMT-13491s,-14,-12,*-10,*-8,*-6|America/Montevideo
EST-20,EDT*-16|America/Montreal America/Nassau America/New_York America/Nipigon America/Thunder_Bay America/Toronto Canada/Eastern EST5EDT US/Eastern posixrules
BST-44,BDT*-40,AKST-36,AKDT*-32|America/Nome
-8,*-4|America/Noronha Brazil/DeNoronha
PMT-13252s,PMT-13236s,-14,-12|America/Paramaribo
EST-20,PPMT-17340s,EDT*-16|America/Port-au-Prince
CST-24,CDT*-20,-000|America/Rankin_Inlet America/Resolute
MST-28,CST-24|America/Regina America/Swift_Current Canada/Saskatchewan
-20,SMT-16965s,-16,*-12|America/Santiago Chile/Continental
EST-20,SDMT-16800s,*-18,AST-16|America/Santo_Domingo
-8,*-4,*0|America/Scoresbysund
NST-12652s,NST-14,NDT*-9052s,NDT*-10,NDDT*-6|America/St_Johns Canada/Newfoundland
CMT-14640s,AST-16|America/St_Lucia
KMT-14696s,AST-16|America/St_Vincent
AKST-36,AKDT*-32|America/Yakutat
-000,32,44|Antarctica/Casey
-000,20,28|Antarctica/Davis Antarctica/Vostok
-000,40|Antarctica/DumontDUrville
-000,AEST40,AEDT*44|Antarctica/Macquarie
-000,20,24|Antarctica/Mawson
-000,NZST48,NZDT*52|Antarctica/McMurdo
-16,-12,*-8,-000|Antarctica/Palmer
-12,-000|Antarctica/Rothera
NZMT46,NZST48,NZST*50,NZDT*52|Antarctica/South_Pole NZ Pacific/Auckland
-000,12|Antarctica/Syowa
0,*8|Antarctica/Troll
CET4,CEST*8,CEMT*12|Arctic/Longyearbyen Atlantic/Jan_Mayen Europe/Berlin
12|Asia/Aden Asia/Kuwait Asia/Riyadh Etc/GMT-3
20,24,*28|Asia/Almaty Asia/Bishkek
EET8,12|Asia/Amman Asia/Damascus
44,48,*52,*56|Asia/Anadyr
16,20,*24|Asia/Aqtau Asia/Aqtobe Asia/Ashgabat Asia/Ashkhabad Asia/Samarkand
12,16,20,*24|Asia/Atyrau Asia/Oral
BMT10656s,12,*16|Asia/Baghdad
12,14,16|Asia/Bahrain
12,16,*20|Asia/Baku Asia/Yerevan Europe/Astrakhan Europe/Samara Europe/Saratov
BMT24124s,28|Asia/Bangkok
24,28,*32|Asia/Barnaul Asia/Hovd Asia/Novokuznetsk Asia/Novosibirsk Asia/Tomsk
30,32|Asia/Brunei
MMT19270s,IST22,HMT21200s,*26|Asia/Calcutta Asia/Kolkata
32,36,40|Asia/Chita Asia/Yakutsk
28,32,*36|Asia/Choibalsan Asia/Ulaanbaatar Asia/Ulan_Bator
CST32,CDT*36|Asia/Chongqing Asia/Chungking Asia/Harbin Asia/Shanghai Asia/Taipei PRC ROC
MMT19172s,22,24,26|Asia/Colombo
22,HMT21200s,24,26,*28|Asia/Dacca Asia/Dhaka
32,36|Asia/Dili
16|Asia/Dubai Asia/Muscat Etc/GMT-4 Indian/Mahe Indian/Reunion
20,*24,*28|Asia/Dushanbe Asia/Tashkent
28,PLMT25590s,32,36|Asia/Ho_Chi_Minh Asia/Phnom_Penh Asia/Saigon Asia/Vientiane
HKT32,HKWT*34,HKST*36|Asia/Hong_Kong Hongkong
IMT25025s,28,32,36|Asia/Irkutsk
IMT7016s,EET8,12,*16|Asia/Istanbul Europe/Istanbul Turkey
WIB28,BMT25632s,26400s,30,32,36|Asia/Jakarta
WIT36,38|Asia/Jayapura
IST8,JMT8440s,IDT*12,IDDT*16|Asia/Jerusalem Asia/Tel_Aviv Israel
16,18|Asia/Kabul
44,48,*52|Asia/Kamchatka
PKT20,22,PKST*24,*26|Asia/Karachi
24|Asia/Kashgar Asia/Urumqi Etc/GMT-6
22,23|Asia/Kathmandu Asia/Katmandu
32,36,40,44|Asia/Khandyga
24,28,32|Asia/Krasnoyarsk
SMT24925s,28,26400s,30,32,36|Asia/Kuala_Lumpur Asia/Singapore Singapore
30,32,*30000s,36|Asia/Kuching
CST32,CDT*36,*40|Asia/Macao Asia/Macau
40,44,48|Asia/Magadan Asia/Srednekolymsk
MMT28656s,WITA32,36|Asia/Makassar Asia/Ujung_Pandang
PST32,PDT*36|Asia/Manila
20,24,28|Asia/Omsk
WIB28,PMT26240s,30,WITA32,36|Asia/Pontianak
KST34,KST36|Asia/Pyongyang
12,16|Asia/Qatar
16,20,24|Asia/Qostanay Asia/Qyzylorda
RMT23087s,26,36|Asia/Rangoon Asia/Yangon
36,40,44,*48|Asia/Sakhalin
KST34,KST36,KDT*38,KDT*40|Asia/Seoul ROK
TBMT10751s,12,16,*20|Asia/Tbilisi
TMT12344s,14,16,*18,*20|Asia/Tehran Iran
22,24|Asia/Thimbu Asia/Thimphu
JST36,JDT*40|Asia/Tokyo Japan
32,36,40,44,48|Asia/Ust-Nera
36,40,44|Asia/Vladivostok Pacific/Pohnpei
PMT13505s,16,20,24|Asia/Yekaterinburg
-8,HMT-6872s,-4,*0,WEST*4|Atlantic/Azores
BMT-15558s,AST-16,BST*-11958s,ADT*-12|Atlantic/Bermuda
-4,WET0,WEST*4|Atlantic/Canary
-8,-4|Atlantic/Cape_Verde
WET0,WEST*4|Atlantic/Faeroe Atlantic/Faroe WET
FMT-4056s,-4,WET0,WEST*4|Atlantic/Madeira
-8|Atlantic/South_Georgia Etc/GMT+2
JMT-1368s,GMT0|Atlantic/St_Helena
-16,SMT-13884s,-12,*-8|Atlantic/Stanley
AEST40,AEDT*44|Australia/ACT Australia/Brisbane Australia/Canberra Australia/Currie Australia/Hobart Australia/Lindeman Australia/Melbourne Australia/NSW Australia/Queensland Australia/Sydney Australia/Tasmania Australia/Victoria
ACST36,ACST38,ACDT*42|Australia/Adelaide Australia/Darwin Australia/North Australia/South
ACST36,ACST38,AEST40,ACDT*42|Australia/Broken_Hill Australia/Yancowinna
35,*39|Australia/Eucla
AEST40,42,*44,*46|Australia/LHI Australia/Lord_Howe
AWST32,AWDT*36|Australia/Perth Australia/West
CET4,CEST*8|CET Europe/Belgrade Europe/Budapest Europe/Ljubljana Europe/Malta Europe/Oslo Europe/Podgorica Europe/Sarajevo Europe/Skopje Europe/Tirane Europe/Vaduz Europe/Vienna Europe/Zagreb
EMT-26248s,-28,-24,*-20|Chile/EasterIsland Pacific/Easter
EST-20|EST
DMT-1521s,GMT*0,IST*2079s,IST4|Eire Europe/Dublin
-4|Etc/GMT+1
-40|Etc/GMT+10 Pacific/Tahiti
-44|Etc/GMT+11
-48|Etc/GMT+12
-12|Etc/GMT+3
-16|Etc/GMT+4
-20|Etc/GMT+5
-24|Etc/GMT+6
-28|Etc/GMT+7
-32|Etc/GMT+8
-36|Etc/GMT+9 Pacific/Gambier
4|Etc/GMT-1
40|Etc/GMT-10
44|Etc/GMT-11 Pacific/Guadalcanal Pacific/Ponape
48|Etc/GMT-12 Pacific/Funafuti Pacific/Tarawa Pacific/Wake Pacific/Wallis
52|Etc/GMT-13
56|Etc/GMT-14
8|Etc/GMT-2
20|Etc/GMT-5
28|Etc/GMT-7 Indian/Christmas
32|Etc/GMT-8
36|Etc/GMT-9 Pacific/Palau
UTC0|Etc/UCT Etc/UTC Etc/Universal Etc/Zulu UCT UTC Universal Zulu localtime
AMT1172s,1200s,CET4,NST*4772s,*4800s,CEST*8|Europe/Amsterdam
CET4,AMT5692s,EET8,EEST*12|Europe/Athens
GMT0,BST*4,BDST*8|Europe/Belfast Europe/Guernsey Europe/Isle_of_Man Europe/Jersey Europe/London GB GB-Eire
GMT*0,PMT3464s,CET4,CEST*8|Europe/Bratislava Europe/Prague
WET0,BMT1050s,CET4,CEST*8|Europe/Brussels
BMT6264s,EET8,EEST*12|Europe/Bucharest
BMT1786s,CET4,CEST*8|Europe/Busingen Europe/Zurich
CET4,BMT6264s,CMT6900s,EET8,EEST*12,MSD*16|Europe/Chisinau Europe/Tiraspol
CMT3020s,CET4,CEST*8|Europe/Copenhagen
GMT0,CET4,CEST*8|Europe/Gibraltar
HMT5989s,EET8,EEST*12|Europe/Helsinki Europe/Mariehamn
CET4,EET8,12,MSD*16|Europe/Kaliningrad
CET4,EET8,KMT7324s,EEST*12,MSD*16|Europe/Kiev Europe/Kyiv Europe/Uzhgorod Europe/Zaporozhye
MSK12,MSK16,*20|Europe/Kirov
WET0,WEST*4,CEST*8|Europe/Lisbon Portugal
CET4,MMT6600s,EET8,12,MSD*16|Europe/Minsk
EET8,MMT9017s,MMT9079s,MSK12,MST*12679s,MSK16,MDST*16279s,*20|Europe/Moscow W-SU
CET4,RMT5794s,EET8,LST*9394s,EEST*12,MSD*16|Europe/Riga
RMT2996s,CET4,CEST*8|Europe/Rome Europe/San_Marino Europe/Vatican
CET4,EET8,SMT8160s,MSK12,MSK16|Europe/Simferopol
CET4,IMT7016s,EET8,EEST*12|Europe/Sofia
CET4,SET3614s,CEST*8|Europe/Stockholm
CET4,TMT5940s,EET8,EEST*12,MSD*16|Europe/Tallinn
8,12,16,*20|Europe/Ulyanovsk
CET4,WMT5040s,KMT5736s,EET8,EEST*12,MSD*16|Europe/Vilnius
MSK12,16,*20|Europe/Volgograd
CET4,WMT5040s,CEST*8,EEST*12|Europe/Warsaw Poland
-000|Factory
HST-40|HST
EAT12,EAST*16|Indian/Antananarivo
20,24|Indian/Chagos
26|Indian/Cocos
-000,20|Indian/Kerguelen
MMT17640s,20|Indian/Maldives
16,*20|Indian/Mauritius
-48,36,40,44,48|Kwajalein Pacific/Kwajalein
MET4,MEST*8|MET
MST-28|MST
49,51,*55|NZ-CHAT Pacific/Chatham
-46,-44,*-40,52,*56|Pacific/Apia
36,PMMT35312s,40,44|Pacific/Bougainville
36,40|Pacific/Chuuk
44,*48|Pacific/Efate Pacific/Noumea
-48,-44,-000,52|Pacific/Enderbury Pacific/Kanton
-44,52|Pacific/Fakaofo
48,*52|Pacific/Fiji
-24,*-20|Pacific/Galapagos
36,ChST40,GDT*44|Pacific/Guam Pacific/Saipan
HST-42,HST-40,HPT*-38|Pacific/Honolulu Pacific/Johnston US/Hawaii
-38400s,-40,56|Pacific/Kiritimati
36,40,44,48|Pacific/Kosrae Pacific/Majuro
-38|Pacific/Marquesas
SST-44,*-40|Pacific/Midway
36,46,48|Pacific/Nauru
-40800s,-44|Pacific/Niue
44,40320s,46,*48,*50|Pacific/Norfolk
SST-44|Pacific/Pago_Pago Pacific/Samoa US/Samoa
-34,-32|Pacific/Pitcairn
PMMT35312s,40|Pacific/Port_Moresby Pacific/Truk Pacific/Yap
-42,-40,*-38|Pacific/Rarotonga
44400s,52,*56|Pacific/Tongatapu
`;

export interface ZoneOffsetName {
  /** Empty: the offset in digits. */
  readonly abbreviation: string;
  readonly isDst: boolean;
}

export interface ZoneEntry {
  readonly name: string;
  /** By seconds east of UTC. */
  readonly offsets: ReadonlyMap<number, ZoneOffsetName>;
}

function readOffsets(text: string): Map<number, ZoneOffsetName> {
  const offsets = new Map<number, ZoneOffsetName>();
  for (const item of text.split(',')) {
    let end = 0;
    while (end < item.length && item[end] !== '*' && /[A-Za-z]/.test(item[end])) end++;
    const isDst = item[end] === '*';
    const digits = item.slice(isDst ? end + 1 : end);
    const offset = digits.endsWith('s') ? Number(digits.slice(0, -1)) : Number(digits) * 900;
    offsets.set(offset, { abbreviation: item.slice(0, end), isDst });
  }
  return offsets;
}

function read(): Map<string, ZoneEntry> {
  const all = new Map<string, ZoneEntry>();
  for (const line of LINES.trim().split('\n')) {
    const split = line.indexOf('|');
    const offsets = readOffsets(line.slice(0, split));
    for (const name of line.slice(split + 1).split(' ')) all.set(name.toLowerCase(), { name, offsets });
  }
  return all;
}

let table: ReadonlyMap<string, ZoneEntry> | null = null;

/** By lower-case name. */
export function zoneEntries(): ReadonlyMap<string, ZoneEntry> {
  table ??= read();
  return table;
}
