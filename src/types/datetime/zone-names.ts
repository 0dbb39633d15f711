/**
 * The names of all time zones and what their times are called. Offsets in time come from Intl; it knows no names for
 * most zones, so a line lists them: `NAME[*]<offset>` with the offset in quarters of an hour (or seconds, with s), a star for
 * summer time and no name where the name is the offset in digits; then exceptions `;NAME[*]@from:to` with seconds since 2000 in
 * base 36 (an end may be open); then the zones. An offset that is not listed is local mean time.
 */
const LINES = `
GMT0|Africa/Abidjan Africa/Lome Africa/Ouagadougou Africa/Timbuktu Etc/GMT Etc/GMT+0 Etc/GMT-0 Etc/GMT0 Etc/Greenwich GMT GMT+0 GMT-0 GMT0 Greenwich Iceland
GMT0,*1200s,*2|Africa/Accra
ADMT9320s,EAT12|Africa/Addis_Ababa
WET0,PMT561s,WEST*4,CEST*8;CET@-v8hbs0:-t3dh80;CET@-stpeo0:-sknek0;CET@-sc2as0:-rs7hg0;CET@-mx99c0:-j5v9g0;CET@-bl11g0:-bd3s00;CET@-b3qnw0:-aj7xg0;CET@-9qrs00:|Africa/Algiers
ADMT9320s,AMT9332s,EAT12;LMT@:-1vufz78|Africa/Asmara
10,11,EAT12|Africa/Asmera Africa/Kampala Africa/Nairobi
-4,GMT0|Africa/Bamako Africa/Bissau Africa/Conakry Africa/Dakar Africa/Nouakchott
WAT4|Africa/Bangui Africa/Brazzaville Africa/Douala Africa/Kinshasa Africa/Libreville Africa/Luanda
BMT-3996s,-4,GMT0;LMT@:-19xe4x0|Africa/Banjul
CAT8,ZMT8460s,ZMT8470s|Africa/Blantyre
CAT8|Africa/Bujumbura Africa/Harare Africa/Kigali Africa/Lusaka Africa/Maputo
EET8,EEST*12|Africa/Cairo Asia/Beirut Asia/Nicosia EET Egypt Europe/Nicosia
*0,4|Africa/Casablanca
WET0,CET4,CEST*8;WEST*@-16m5pg0:-16e8lk0;WEST*@-13ifhg0:-139mqo0;WEST*@-12gts40:-1286lc0;WEST*@-11ygo40:-11pgio0;WEST*@-11fdk00:-116dhc0;WEST*@-h04400:-gtyw40;WEST*@-dbiyo0:-d7z9g0;WEST*@-ccp9c0:-c7yys0;WEST*@-btxc00:-bm7ms0;WEST*@-b9k000:-b69k40|Africa/Ceuta
11,EAT12|Africa/Dar_es_Salaam
EAT12|Africa/Djibouti Indian/Comoro Indian/Mayotte
-4,*0,4|Africa/El_Aaiun
-4,FMT-3180s,*-2400s,GMT0;LMT@:-1pkz1jo|Africa/Freetown
SAST6,CAT8,CAST*12|Africa/Gaborone
SAST6,SAST8,SAST*12|Africa/Johannesburg
CAT8,CAST*12;EAT@qp40:b06qc0|Africa/Juba
CAT8,CAST*12;EAT@qp40:9b2qc0|Africa/Khartoum
GMT0,2,WAT4|Africa/Lagos
WAT4,CAT8|Africa/Lubumbashi
GMT0,WAT4|Africa/Malabo Africa/Porto-Novo Africa/Sao_Tome
SAST8,SAST*12|Africa/Maseru
SAST8|Africa/Mbabane
10,EAT12|Africa/Mogadishu
MMT-2670s,MMT-2588s,GMT0;LMT@:-1pkz204|Africa/Monrovia
WAT4,WAST*8|Africa/Ndjamena
-4,GMT0,WAT4|Africa/Niamey
CET4,CEST*8;EET@-lebk40:-9e6880;EET@-51j9g0:-1p45k0;EET@-164tk0:6pm5c0;EET@77kg00:|Africa/Tripoli Libya
PMT561s,CET4,CEST*8|Africa/Tunis
WAT*4,6,CAT8,SAST*12;SAST@-1ejg460:-tw8g00;SAST@-tmvhg0:-53stk0|Africa/Windhoek
BST-44,HST-40,HDT*-36;NST@-1fuvfaa:-u7oek0;NWT*@-u7oek0:-sdpk40;NPT*@-sdpk40:-sbbdc0;NST@-sbbdc0:-h3cus0;BDT*@-g0euk0:-fr1w00;BDT*@-fhorw0:-f8btc0;BDT*@-eyyp80:-ep8s00;BDT*@-efvnw0:-e6ipc0;BDT*@-dx5l80:-dnsmo0;BDT*@-dk6x80:-d52k00;BDT*@-cyy3w0:-cmchc0;BDT*@-cczd80:-c39g00;BDT*@-bu9ak0:-bkjdc0;BDT*@-bb6980:-b1tao0;BDT*@-asg6k0:-aj3800;BDT*@-a9q3w0:-a0d5c0;BDT*@-9r0180:-9hn2o0;BDT*@-989yk0:-8yk1c0;BDT*@-8pjvw0:-8ftyo0;AHST@-8ftyo0:-8e8pk0|America/Adak America/Atka US/Aleutian
AHST-40,AKST-36,AKDT*-32;AST@-1fuvk8o:-u7ohc0;AWT*@-u7ohc0:-sdpk40;APT*@-sdpk40:-sbbg40;AST@-sbbg40:-h3cxk0;AHDT*@-g0exc0:-fr1ys0;AHDT*@-fhouo0:-f8bw40;AHDT*@-eyys00:-ep8us0;AHDT*@-efvqo0:-e6is40;AHDT*@-dx5o00:-dnspg0;AHDT*@-dk7000:-d52ms0;AHDT*@-cyy6o0:-cmck40;AHDT*@-cczg00:-c39is0;AHDT*@-bu9dc0:-bkjg40;AHDT*@-bb6c00:-b1tdg0;AHDT*@-asg9c0:-aj3as0;AHDT*@-a9q6o0:-a0d840;AHDT*@-9r0400:-9hn5g0;AHDT*@-98a1c0:-8yk440;AHDT*@-8pjyo0:-8fu1g0;YST@-8fu1g0:-8e8sc0|America/Anchorage US/Alaska
AST-16|America/Anguilla America/Dominica America/Grenada America/Guadeloupe America/Montserrat America/Port_of_Spain America/St_Kitts America/St_Thomas America/Tortola
EST-20,AST-16|America/Antigua
-12,*-8|America/Araguaina America/Bahia America/Belem America/Fortaleza America/Maceio America/Recife America/Sao_Paulo Brazil/East
CMT-15408s,-16,*-12,*-8|America/Argentina/Buenos_Aires America/Argentina/Catamarca America/Argentina/ComodRivadavia America/Argentina/Jujuy America/Argentina/La_Rioja America/Argentina/Mendoza America/Argentina/Rio_Gallegos America/Argentina/Salta America/Argentina/San_Juan America/Argentina/San_Luis America/Argentina/Tucuman America/Argentina/Ushuaia America/Buenos_Aires America/Catamarca America/Jujuy America/Mendoza
CMT-15408s,-16,*-12,*-8;LMT@:-1ivx040|America/Argentina/Cordoba America/Cordoba America/Rosario
-18,AST-16|America/Aruba America/Curacao
-16,AMT-13840s,*-12;LMT@:-1lenpbk|America/Asuncion
CST-24,EST-20;CDT*@-16nbls0:-16d8pw0;CDT*@-uxb600:-u7osg0;CWT*@-u7osg0:-sdpk40;CPT*@-sdpk40:-sbbr80|America/Atikokan
MST-28,CST-24,CDT*-20;MDT*@-zu9gk0:-zmcco0;MDT*@-1y58c0:-1npds0;MDT*@-1ff5o0:-14zb40;MDT*@-wp300:-m98g0;MDT*@-dz0c0:-36740;MDT*@4r2c0:fjvk0;MDT*@p9yc0:wu3k0;MDT*@16k6c0:1h00w0;MDT*@1pa900:1zq3k0;MDT*@280bo0:2it4w0;MDT*@2qqec0:31j7k0;MDT*@39gh00:3k9a80;MDT*@3s6jo0:42zcw0;MDT*@4b9l00:4lpfk0;MDT*@4tzno0:54fi80|America/Bahia_Banderas
AST-16,*-14,ADT*-12|America/Barbados
CST-24,*-22,CDT*-20;CWT*@-u0jjc0:-sdpk40;CPT*@-sdpk40:-s7dbg0|America/Belize
AST-16,APT*-12;ADT*@-16nbrc0:-16d8vg0;AWT*@-u7oy00:-sdpk40|America/Blanc-Sablon
-16,*-12|America/Boa_Vista America/Campo_Grande America/Cuiaba America/Manaus America/Porto_Velho America/Santarem Brazil/West
-20,BMT-17776s,*-16;LMT@:-1ofpjm8|America/Bogota
PST-32,MST-28,MDT*-24;PDT*@-16o1dk0:-16d8kc0;PDT*@-165baw0:-15uiho0;MWT*@-u7opo0:-sdpk40;MPT*@-sdpk40:-sbbog0|America/Boise
MST-28,MDT*-24,EST-20,-000;MWT*@-u7opo0:-sdpk40;MPT*@-sdpk40:-sbbog0;CST@-36740:4qzk0;CDT*@4qzk0:fjss0;CST@fwlw0:nh500|America/Cambridge_Bay
CST-24,CDT*-20,EDT*-16;EST@-9egkg0:-8v87g0;EST@-14zdw0:-wp8k0;EST@7vgbk0:|America/Cancun
-18,CMT-16060s,-16|America/Caracas
-16,-12|America/Cayenne
KMT-18430s,EST-20|America/Cayman
CST-24,CDT*-20;EST@-xbd5s0:-wy1lw0;CWT*@-u7osg0:-sdpk40;CPT*@-sdpk40:-sbbr80|America/Chicago US/Central
MST-28,MDT*-24,CDT*-20;CST@-11vb380:-102sy00;CST@-zcxdw0:-1y5b40;CST@-1npgk0:-1ff8g0;CST@-14zdw0:-wp300;CST@bwxcw0:|America/Chihuahua
MST-28,MDT*-24,CDT*-20;CST@-11vb380:-102sy00;CST@-zcxdw0:-1y5b40;CST@-1npgk0:-1ff8g0;CST@-14zdw0:-wp300;CST@bwxcw0:byim00|America/Ciudad_Juarez
CMT-19176s,EST-20|America/Coral_Harbour America/Panama
CST-24,SJMT-20173s,CDT*-20;LMT@:-1lenkfn|America/Costa_Rica
-20,SMT-16965s,-16,*-12|America/Coyhaique America/Punta_Arenas
PST-32,MST-28|America/Creston
-12,*-8,GMT0|America/Danmarkshavn
YST-36,PST-32,PDT*-28;YDT*@-16nbdg0:-16d8hk0;YDT*@-162fis0:-15u7gg0;YWT*@-u7ok40:-sdpk40;YPT*@-sdpk40:-sbbiw0;YDDT*@-i3of00:-htyf00;MST@avh4s0:|America/Dawson America/Whitehorse Canada/Yukon
PST-32,PDT*-28;PWT*@-u7omw0:-sdpk40;PPT*@-sdpk40:-sbblo0;MST@-e9m1o0:|America/Dawson_Creek
MST-28,MDT*-24;MWT*@-u7opo0:-sdpk40;MPT*@-sdpk40:-sbbog0|America/Denver America/Edmonton America/Shiprock America/Yellowknife Canada/Mountain MST7MDT Navajo US/Mountain
CST-24,EST-20,EDT*-16;EWT*@-u7ov80:-sdpk40;EPT*@-sdpk40:-sbbu00|America/Detroit US/Michigan
-20,*-16|America/Eirunepe America/Lima America/Porto_Acre America/Rio_Branco Brazil/Acre
CST-24,CDT*-20|America/El_Salvador America/Guatemala America/Matamoros America/Tegucigalpa
PST-32,PDT*-28;MST@-14pgv80:-13nx0k0;MST@-11vb0g0:-102sv80;PWT*@-u3vr40:-sdpk40;PPT*@-sdpk40:-s8ykk0|America/Ensenada America/Santa_Isabel America/Tijuana Mexico/BajaNorte
PST-32,PDT*-28;PWT*@-u7omw0:-sdpk40;PPT*@-sdpk40:-sbblo0;MST@7x9ag0:|America/Fort_Nelson
CST-24,EST-20,EDT*-16;CDT*@-16o1j40:-16d8pw0;CDT*@-165bgg0:-15uin80;CDT*@-ujmf40:-uel0k0;CWT*@-u7osg0:-sdpk40;CPT*@-sdpk40:-sbbr80;CDT*@-s0isg0:-rslok0;CDT*@-rhsps0:-r9vlw0;CDT*@-qz2n40:-qr5j80;CDT*@-qgckg0:-q8fgk0;CDT*@-px9j40:-pppdw0;CDT*@-pejgg0:-p6mck0;CDT*@-ovtds0:-onw9w0;CDT*@-od3b40:-o56780;CDT*@-nud8g0:-nmg4k0|America/Fort_Wayne America/Indiana/Indianapolis America/Indianapolis US/East-Indiana
AST-16,ADT*-12;AWT*@-u7oy00:-sdpk40;APT*@-sdpk40:-sbbws0|America/Glace_Bay America/Halifax Canada/Atlantic
-12,*-8,*-4|America/Godthab America/Nuuk
AST-16,NST-12652s,NST-14,ADT*-12,NDT*-9052s,NDT*-10,ADDT*-8;NWT*@-u30ma0:-sdpk40;NPT*@-sdpk40:-sbby60|America/Goose_Bay
KMT-18430s,EST-20,EDT*-16;AST@7x9240:9hs8s0|America/Grand_Turk
QMT-18840s,-20,*-16|America/Guayaquil
-16,-15,-12|America/Guyana
HMT-19776s,CST-20,CDT*-16|America/Havana Cuba
MST-28,MDT*-24;CST@-11vb380:-102sy00;CST@-zcxdw0:-u3vwo0|America/Hermosillo America/Mazatlan Mexico/BajaSur
CST-24,CDT*-20;CWT*@-u7osg0:-sdpk40;CPT*@-sdpk40:-sbbr80;EST@-jnups0:-ivrok0;EST@-49osk0:39gbg0|America/Indiana/Knox America/Knox_IN US/Indiana-Starke
CST-24,EST-20,EDT*-16;CDT*@-16o1j40:-16d8pw0;CDT*@-165bgg0:-15uin80;CWT*@-u7osg0:-sdpk40;CPT*@-sdpk40:-sbbr80;CDT*@-pejgg0:-p6mck0;CDT*@-nud8g0:-nmg4k0;CDT*@-nbn5s0:-n3q1w0;CDT*@-msk4g0:-mkn0k0;CDT*@-m9u1s0:-m1wxw0;CDT*@-lr3z40:-lj6v80;CDT*@-l8dwg0:-l0gsk0;CDT*@-kpnts0:-khqpw0;CDT*@-dk7dw0:-d52xw0|America/Indiana/Marengo
CST-24,EST-20,EDT*-16;CDT*@-16o1j40:-16d8pw0;CDT*@-165bgg0:-15uin80;CWT*@-u7osg0:-sdpk40;CPT*@-sdpk40:-sbbr80;CDT*@-nbaco0:-n3q1w0;CDT*@-msk4g0:-mkn0k0;CDT*@-m9u1s0:-m1wxw0;CDT*@-lr3z40:-lj6v80;CDT*@-l8dwg0:-l0gsk0;CDT*@-kpnts0:-khqpw0;CDT*@-k6ksg0:-jx7tw0;CDT*@-jnups0:-jehr80;CDT*@-j54n40:-ivrok0;CDT*@-imekg0:-id1lw0;CDT*@-h1vds0:-gsif80;CDT*@-gj5b40:-g9sck0;CDT*@-g0f8g0:-fr29w0;CDT*@-fhp5s0:-f8c780;CDT*@-eyz340:-ep95w0;CDT*@-efw1s0:-e6j380;CDT*@-dx5z40:-dnt0k0;CDT*@-dk7b40:-d52xw0;CDT*@-cyyhs0:-cmcv80;CDT*@-cczr40:-c39tw0;CDT*@-bu9og0:-bkjr80;CDT*@39gbg0:3k97g0;CDT*@3r3kw0:43c8s0|America/Indiana/Petersburg
CST-24,CDT*-20,EDT*-16;CWT*@-u7osg0:-sdpk40;CPT*@-sdpk40:-sbbr80;EST@-imekg0:-gsif80;EST@-fr2co0:-fhp8k0;EST@-f8ca00:39gbg0|America/Indiana/Tell_City
CST-24,EST-20,EDT*-16;CDT*@-16o1j40:-16d8pw0;CDT*@-165bgg0:-15uin80;CWT*@-u7osg0:-sdpk40;CPT*@-sdpk40:-sbbr80|America/Indiana/Vevay
CST-24,EST-20,EDT*-16;CDT*@-16o1j40:-16d8pw0;CDT*@-165bgg0:-15uin80;CWT*@-u7osg0:-sdpk40;CPT*@-sdpk40:-sbbr80;CDT*@-s0isg0:-rslok0;CDT*@-od3b40:-o56780;CDT*@-nud8g0:-nmg4k0;CDT*@-nbaco0:-n3q1w0;CDT*@-msk4g0:-mkn0k0;CDT*@-m9u1s0:-m1wxw0;CDT*@-lr3z40:-lj6v80;CDT*@-l8dwg0:-l0gsk0;CDT*@-kpnts0:-kfxwk0;CDT*@-k6ksg0:-jz0n80;CDT*@-jnups0:-jehr80;CDT*@-j54n40:-ivrok0;CDT*@39gbg0:3k97g0;CDT*@3r3kw0:43c8s0|America/Indiana/Vincennes
CST-24,EST-20,EDT*-16;CDT*@-16o1j40:-16d8pw0;CDT*@-165bgg0:-15uin80;CWT*@-u7osg0:-sdpk40;CPT*@-sdpk40:-sbbr80;CDT*@-s0isg0:-rslok0;CDT*@-rhsps0:-r9vlw0;CDT*@-qz2n40:-qr5j80;CDT*@-qgckg0:-q8fgk0;CDT*@-px9j40:-pppdw0;CDT*@-pejgg0:-p6mck0;CDT*@-ovtds0:-onw9w0;CDT*@-od3b40:-o56780;CDT*@-nud8g0:-nmg4k0;CDT*@-nbn5s0:-n1x8k0;CDT*@-msk4g0:-mj75w0;CDT*@-m9u1s0:-m1wxw0;CDT*@-lr3z40:-lj6v80;CDT*@-l8dwg0:-l0gsk0;CDT*@-kpnts0:-khqpw0;CDT*@39gbg0:3k97g0|America/Indiana/Winamac
PST-32,MST-28,MDT*-24,-000;PDT*@-efvw80:-e6ixo0;PDT*@-dx5tk0:-dnsv00;PDT*@-defqw0:-d52sc0;PDT*@-cvpo80:-cmcpo0;PDT*@-cczlk0:-c39oc0;PDT*@-bu9iw0:-bkjlo0;PDT*@-bb6hk0:-b1tj00|America/Inuvik
CST-24,EST-20,EDT*-16,-000;EWT*@-tyt1c0:-sdpk40;EPT*@-sdpk40:-sbbu00;CDT*@4qzk0:fjss0|America/Iqaluit America/Pangnirtung
KMT-18430s,EST-20,EDT*-16;LMT@:-1lenls2|America/Jamaica Jamaica
AKST-36,AKDT*-32,PDT*-28;PST@-1fuvn3v:-u7omw0;PWT*@-u7omw0:-sdpk40;PPT*@-sdpk40:-sbblo0;PST@-sbblo0:-g0f2w0;PST@-fr24c0:-fhp080;PST@-f8c1o0:-eyyxk0;PST@-ep90c0:-efvw80;PST@-e6ixo0:-dx5tk0;PST@-dnsv00:-dk75k0;PST@-d52sc0:-cyyc80;PST@-cmcpo0:-cczlk0;PST@-c39oc0:-bu9iw0;PST@-bkjlo0:-bb6hk0;PST@-b1tj00:-asgew0;PST@-aj3gc0:-a9qc80;YDT*@-a9qc80:-a0daw0;PST@-a0daw0:-9r09k0;PST@-9hnb00:-98a6w0;PST@-8yk9o0:-8pk480;YST@-8fu700:-8e8sc0|America/Juneau
CST-24,EST-20,EDT*-16;CDT*@-16o1j40:-16d8pw0;CDT*@-165bgg0:-15uin80;CDT*@-1522hs0:-14vqsk0;CDT*@-umi4g0:-uel0k0;CWT*@-u7osg0:-sdpk40;CPT*@-sdpk40:-sbbr80;CDT*@-s0ixyc:-ryq1w0;CDT*@-px9j40:-pppdw0;CDT*@-pejgg0:-p6mck0;CDT*@-ovtds0:-onw9w0;CDT*@-od3b40:-o56780;CDT*@-nud8g0:-nmg4k0;CDT*@-nbn5s0:-n3q1w0;CDT*@-msk4g0:-mj75w0;CDT*@-m9u1s0:-m0h380;CDT*@-lr3z40:-lhr0k0;CDT*@-l8dwg0:-kz0xw0;CDT*@-kpnts0:-kfxwk0;CDT*@-k6ksg0:-k29b80;CDT*@-dk7dw0:-d52xw0|America/Kentucky/Louisville America/Louisville
CST-24,EST-20,EDT*-16;CDT*@-16o1j40:-16d8pw0;CDT*@-165bgg0:-15uin80;CWT*@-u7osg0:-sdpk40;CPT*@-sdpk40:-sbbr80;CDT*@-gj5b40:-g9sck0;CDT*@-g0f8g0:-fr29w0;CDT*@-fhp5s0:-f8c780;CDT*@-eyz340:-ep95w0;CDT*@-efw1s0:-e6j380;CDT*@-dx5z40:-dnt0k0;CDT*@-dk7b40:-d52xw0;CDT*@-cyyhs0:-cmcv80;CDT*@-cczr40:-c39tw0;CDT*@-bu9og0:-bkjr80;CDT*@-bb6n40:-b1tok0;CDT*@-asgkg0:-aj3lw0;CDT*@-a9qhs0:-a0dj80;CDT*@-9r0f40:-9hngk0;CDT*@-98acg0:-8ykf80;CDT*@-8pk9s0:-8fuck0;CDT*@-86h8g0:-7x49w0;CDT*@-7nr5s0:-7ee780;CDT*@-751340:-6vo4k0;CDT*@-6ndwg0:-6cy1w0;CDT*@-64nts0:-5tv0k0;CDT*@-5lxr40:-5b4xw0;CDT*@-537og0:-4sev80;CDT*@-4k4n40:-49osk0;CDT*@-41ekg0:-3qypw0;CDT*@-3iohs0:-37vok0;CDT*@-2zyf40:-2p5lw0;CDT*@-2h8cg0:-26fj80;CDT*@-1y5b40:-1npgk0;CDT*@-1ff8g0:-14zdw0;CDT*@-wp5s0:-m9b80;CDT*@-dz340:-369w0;CDT*@4qzk0:fjss0|America/Kentucky/Monticello
AST-16,APT*-12;AWT*@-u3fe80:-sdpk40|America/Kralendijk America/Lower_Princes America/Marigot America/Puerto_Rico America/St_Barthelemy America/Virgin
CMT-16356s,-16,BST*-12756s;LMT@:-1lenndo|America/La_Paz
PST-32,PDT*-28;PWT*@-u7omw0:-sdpk40;PPT*@-sdpk40:-sbblo0|America/Los_Angeles America/Vancouver Canada/Pacific PST8PDT US/Pacific
CST-24,MMT-20712s,CDT*-20;EST@-dx2fc0:-czbos0;EST@-46ac80:-3ska40;EST@-3ngvc0:-1kbe40|America/Managua
FFMT-14660s,AST-16,ADT*-12;LMT@:-1lenoos|America/Martinique
CST-24,CDT*-20;CWT*@-u7osg0:-sdpk40;CPT*@-sdpk40:-sbbr80;EST@-g0f8g0:-dx61w0|America/Menominee
CST-24,CDT*-20;EST@-9egkg0:-8ygpw0|America/Merida
AKST-36,AKDT*-32,PDT*-28;PST@-1fuvnmu:-u7omw0;PWT*@-u7omw0:-sdpk40;PPT*@-sdpk40:-sbblo0;PST@-sbblo0:-g0f2w0;PST@-fr24c0:-fhp080;PST@-f8c1o0:-eyyxk0;PST@-ep90c0:-efvw80;PST@-e6ixo0:-dx5tk0;PST@-dnsv00:-dk75k0;PST@-d52sc0:-cyyc80;PST@-cmcpo0:-cczlk0;PST@-c39oc0:-bu9iw0;PST@-bkjlo0:-bb6hk0;PST@-b1tj00:-asgew0;PST@-aj3gc0:-a9qc80;PST@-a0ddo0:-9r09k0;PST@-9hnb00:-98a6w0;PST@-8yk9o0:-8pk480;PST@-8fu700:89i140;PST@9u17s0:9xzt40|America/Metlakatla
MST-28,CST-24,CDT*-20;MDT*@-zu9gk0:-zmcco0;CWT*@-t8yy00:-t1xbg0|America/Mexico_City Mexico/General
AST-16,-12,*-8|America/Miquelon
EST-20,AST-16,ADT*-12;AWT*@-u7oy00:-sdpk40;APT*@-sdpk40:-sbbws0|America/Moncton
MST-28,CST-24,CDT*-20;MDT*@-zu9gk0:-zmcco0|America/Monterrey
-16,MMT-13491s,-14,-12,*-10,*-8,*-6;LMT@:-1bs9c99|America/Montevideo
EST-20,EDT*-16;EWT*@-u7ov80:-sdpk40;EPT*@-sdpk40:-sbbu00|America/Montreal America/New_York America/Nipigon America/Thunder_Bay America/Toronto Canada/Eastern EST5EDT US/Eastern
EST-20,EDT*-16;EWT*@-u3h640:-spbow0;EWT*@-snq7g0:-sdpk40;EPT*@-sdpk40:-saenk0|America/Nassau
BST-44,BDT*-40,AKST-36,AKDT*-32;NST@-1fuvhda:-u7oek0;NWT*@-u7oek0:-sdpk40;NPT*@-sdpk40:-sbbdc0;NST@-sbbdc0:-h3cus0;YST@-8ftyo0:-8e8sc0|America/Nome
-8,*-4|America/Noronha Brazil/DeNoronha
MST-28,MDT*-24,CDT*-20;MWT*@-u7opo0:-sdpk40;MPT*@-sdpk40:-sbbog0;CST@5nvi80:5ucu80;CST@66li40:6d2ww0;CST@6pbks0:6vszk0;CST@781ng0:7ej280;CST@7qrq40:7x94w0;CST@89hss0:8gc680;CST@8sku40:8z28w0;CST@9baws0:9hsbk0;CST@9u0zg0:a0ie80;CST@acr240:aj8gw0;CST@avh4s0:b2bi80;CST@bek640:bl1kw0;CST@bxa8s0:c3rnk0;CST@cg0bg0:cmhq80;CST@cyqe40:d57sw0;CST@dhggs0:dnxvk0;CST@e06jg0:e70ww0;CST@ej9ks0:epqzk0;CST@f1zng0:f8h280;CST@fkpq40:fr74w0;CST@g3fss0:g9x7k0;CST@gm5vg0:gt08w0;CST@h58ws0:hbqbk0;CST@hnyzg0:huge80;CST@i6p240:id6gw0;CST@ipf4s0:ivwjk0;CST@j857g0:jemm80;CST@jqva40:|America/North_Dakota/Beulah
MST-28,CST-24,CDT*-20;MDT*@-16o1gc0:-16d8n40;MDT*@-165bdo0:-15uikg0;MWT*@-u7opo0:-sdpk40;MPT*@-sdpk40:-sbbog0;MDT*@-h1vb00:-gsicg0;MDT*@-gj58c0:-g9s9s0;MDT*@-g0f5o0:-fr2740;MDT*@-fhp300:-f8c4g0;MDT*@-eyz0c0:-ep9340;MDT*@-efvz00:-e6j0g0;MDT*@-dx5wc0:-dnsxs0;MDT*@-dk78c0:-d52v40;MDT*@-cyyf00:-cmcsg0;MDT*@-cczoc0:-c39r40;MDT*@-bu9lo0:-bkjog0;MDT*@-bb6kc0:-b1tls0;MDT*@-asgho0:-aj3j40;MDT*@-a9qf00:-a0dgg0;MDT*@-9r0cc0:-9hnds0;MDT*@-98a9o0:-8ykcg0;MDT*@-8pk700:-8fu9s0;MDT*@-86h5o0:-7x4740;MDT*@-7nr300:-7ee4g0;MDT*@-7510c0:-6vo1s0;MDT*@-6ndto0:-6cxz40;MDT*@-64nr00:-5tuxs0;MDT*@-5lxoc0:-5b4v40;MDT*@-537lo0:-4sesg0;MDT*@-4k4kc0:-49ops0;MDT*@-41eho0:-3qyn40|America/North_Dakota/Center
MST-28,MDT*-24,CDT*-20;MWT*@-u7opo0:-sdpk40;MPT*@-sdpk40:-sbbog0;CST@1zq3k0:2808w0;CST@2it240:2qqbk0;CST@31j4s0:39ge80;CST@3k97g0:3r3kw0;CST@43c8s0:49tnk0;CST@4m2bg0:4sjq80;CST@54se40:5bmrk0;CST@5nvfg0:5ucu80;CST@66li40:6d2ww0;CST@6pbks0:6vszk0;CST@781ng0:7ej280;CST@7qrq40:7x94w0;CST@89hss0:8gc680;CST@8sku40:8z28w0;CST@9baws0:9hsbk0;CST@9u0zg0:a0ie80;CST@acr240:aj8gw0;CST@avh4s0:b2bi80;CST@bek640:bl1kw0;CST@bxa8s0:c3rnk0;CST@cg0bg0:cmhq80;CST@cyqe40:d57sw0;CST@dhggs0:dnxvk0;CST@e06jg0:e70ww0;CST@ej9ks0:epqzk0;CST@f1zng0:f8h280;CST@fkpq40:fr74w0;CST@g3fss0:g9x7k0;CST@gm5vg0:gt08w0;CST@h58ws0:hbqbk0;CST@hnyzg0:huge80;CST@i6p240:id6gw0;CST@ipf4s0:ivwjk0;CST@j857g0:jemm80;CST@jqva40:|America/North_Dakota/New_Salem
MST-28,MDT*-24,CDT*-20;CST@-11vb380:-102sy00;CST@-zcxdw0:-1y5b40;CST@-1npgk0:-1ff8g0;CST@-14zdw0:-wp300;CST@bwxcw0:c3rnk0;CST@cg0bg0:cmhq80;CST@cyqe40:d57sw0;CST@dhggs0:dnxvk0;CST@e06jg0:e70ww0;CST@ej9ks0:epqzk0;CST@f1zng0:f8h280;CST@fkpq40:fr74w0;CST@g3fss0:g9x7k0;CST@gm5vg0:gt08w0;CST@h58ws0:hbqbk0;CST@hnyzg0:huge80;CST@i6p240:id6gw0;CST@ipf4s0:ivwjk0;CST@j857g0:jemm80;CST@jqva40:|America/Ojinaga
PMT-13252s,PMT-13236s,-14,-12|America/Paramaribo
MST-28,MDT*-24;MWT*@-u7opo0:-t85bac;MWT*@-t3gpuc:-su1wmc|America/Phoenix US/Arizona
EST-20,PPMT-17340s,EDT*-16|America/Port-au-Prince
CST-24,CDT*-20;CWT*@-u7osg0:-sdpk40;CPT*@-sdpk40:-sbbr80|America/Rainy_River America/Winnipeg CST6CDT Canada/Central
CST-24,CDT*-20,-000;EST@fjss0:nh280|America/Rankin_Inlet
MST-28,MDT*-24;MWT*@-u7opo0:-sdpk40;MPT*@-sdpk40:-sbbog0;CST@-kpnr00:|America/Regina Canada/Saskatchewan
CST-24,CDT*-20,-000;EST@fjss0:nh280;EST@3k97g0:3r3kw0|America/Resolute
-20,SMT-16965s,-16,*-12;LMT@:-1lenmwr|America/Santiago Chile/Continental
EST-20,SDMT-16800s,*-18,AST-16;EDT*@-hb8ng0:-h50nk0|America/Santo_Domingo
-8,-4,*0|America/Scoresbysund
AKST-36,AKDT*-32,PDT*-28;PST@-1fuvmxz:-u7omw0;PWT*@-u7omw0:-sdpk40;PPT*@-sdpk40:-sbblo0;PST@-sbblo0:-g0f2w0;PST@-fr24c0:-fhp080;PST@-f8c1o0:-eyyxk0;PST@-ep90c0:-efvw80;PST@-e6ixo0:-dx5tk0;PST@-dnsv00:-dk75k0;PST@-d52sc0:-cyyc80;PST@-cmcpo0:-cczlk0;PST@-c39oc0:-bu9iw0;PST@-bkjlo0:-bb6hk0;PST@-b1tj00:-asgew0;PST@-aj3gc0:-a9qc80;PST@-a0ddo0:-9r09k0;PST@-9hnb00:-98a6w0;PST@-8yk9o0:-8pk480;YST@-8fu700:-8e8sc0|America/Sitka
NST-12652s,NST-14,NDT*-9052s,NDT*-10,NDDT*-6;LMT@:-1ojezkk;NWT*@-u30ma0:-sdpk40;NPT*@-sdpk40:-sbby60|America/St_Johns Canada/Newfoundland
CMT-14640s,AST-16;LMT@:-1lenopc|America/St_Lucia
KMT-14696s,AST-16;LMT@:-1lenons|America/St_Vincent
MST-28,MDT*-24;MWT*@-u7opo0:-sdpk40;MPT*@-sdpk40:-sbbog0;CST@-efvz00:|America/Swift_Current
AST-16,ADT*-12|America/Thule
AKST-36,AKDT*-32;YST@-1fuvm4h:-u7ok40;YWT*@-u7ok40:-sdpk40;YPT*@-sdpk40:-sbbiw0;YST@-sbbiw0:-g0f040;YDT*@-g0f040:-fr21k0;YST@-fr21k0:-fhoxg0;YDT*@-fhoxg0:-f8byw0;YST@-f8byw0:-eyyus0;YDT*@-eyyus0:-ep8xk0;YST@-ep8xk0:-efvtg0;YDT*@-efvtg0:-e6iuw0;YST@-e6iuw0:-dx5qs0;YDT*@-dx5qs0:-dnss80;YST@-dnss80:-dk72s0;YDT*@-dk72s0:-d52pk0;YST@-d52pk0:-cyy9g0;YDT*@-cyy9g0:-cmcmw0;YST@-cmcmw0:-cczis0;YDT*@-cczis0:-c39lk0;YST@-c39lk0:-bu9g40;YDT*@-bu9g40:-bkjiw0;YST@-bkjiw0:-bb6es0;YDT*@-bb6es0:-b1tg80;YST@-b1tg80:-asgc40;YDT*@-asgc40:-aj3dk0;YST@-aj3dk0:-a9q9g0;YDT*@-a9q9g0:-a0daw0;YST@-a0daw0:-9r06s0;YDT*@-9r06s0:-9hn880;YST@-9hn880:-98a440;YDT*@-98a440:-8yk6w0;YST@-8yk6w0:-8pk1g0;YDT*@-8pk1g0:-8fu480;YST@-8fu480:-8e8sc0|America/Yakutat
-000,32,44|Antarctica/Casey
-000,20,28|Antarctica/Davis Antarctica/Vostok
-000,40|Antarctica/DumontDUrville
-000,AEST40,AEDT*44|Antarctica/Macquarie
-000,20,24|Antarctica/Mawson
-000,NZST48,NZDT*52|Antarctica/McMurdo
-16,*-12,*-8,-000|Antarctica/Palmer
-12,-000|Antarctica/Rothera
NZMT46,NZST48,NZST*50,NZDT*52|Antarctica/South_Pole NZ Pacific/Auckland
-000,12|Antarctica/Syowa
0,*8;-00@:2o5400|Antarctica/Troll
CET4,CEST*8,CEMT*12|Arctic/Longyearbyen Atlantic/Jan_Mayen Europe/Berlin
12|Asia/Aden Asia/Kuwait Asia/Riyadh Etc/GMT-3
20,24,*28|Asia/Almaty Asia/Dushanbe Asia/Omsk Asia/Tashkent
EET8,EEST*12;@bwsvs0:|Asia/Amman
44,48,*52,*56|Asia/Anadyr
16,20,*24|Asia/Aqtau Asia/Aqtobe Asia/Ashgabat Asia/Ashkhabad Asia/Qostanay Asia/Qyzylorda Asia/Samarkand
12,16,20,*24|Asia/Atyrau
BMT10656s,12,*16|Asia/Baghdad
12,14,16|Asia/Bahrain
12,16,*20|Asia/Baku Asia/Yerevan Europe/Samara
BMT24124s,28;LMT@:-1qmlby4|Asia/Bangkok
24,28,*32|Asia/Barnaul Asia/Hovd Asia/Krasnoyarsk Asia/Novokuznetsk Asia/Tomsk
20,*24,*28|Asia/Bishkek
30,32|Asia/Brunei
MMT19270s,IST22,HMT21200s,*26|Asia/Calcutta Asia/Kolkata
32,36,*40|Asia/Chita Asia/Yakutsk
28,32,*36|Asia/Choibalsan Asia/Ulaanbaatar Asia/Ulan_Bator
CST32,CDT*36|Asia/Chongqing Asia/Chungking Asia/Harbin Asia/Shanghai PRC
MMT19172s,22,24,26|Asia/Colombo
22,HMT21200s,24,26,*28|Asia/Dacca Asia/Dhaka
EET8,EEST*12;@bwst00:|Asia/Damascus
32,36|Asia/Dili
16|Asia/Dubai Asia/Muscat Etc/GMT-4 Indian/Mahe Indian/Reunion
EET8,EEST*12;@8pit00:9axhg0|Asia/Famagusta
EET8,EEST*12;IST@-h01kc0:-dav1k0;IDT*@-dav1k0:-d5tn00;IST@-d5tn00:-cw3k80;IDT*@-cw3k80:-cp9cc0;IST@-cp9cc0:-a4ps80;IDT*@-a4ps80:-a2k080;IST@-a2k080:-8651k0;IDT*@-8651k0:-80dmw0;IST@-80dmw0:-7ohuw0;IDT*@-7ohuw0:-7haoc0;IST@-7haoc0:-73yyw0;IDT*@-73yyw0:-6y7n00;IST@-6y7n00:-6mw5k0;IDT*@-6mw5k0:-6f4lo0;IST@-6f4lo0:-64bmw0;IDT*@-64bmw0:-5wrho0;IST@-5wrho0:-5kio80;IDT*@-5kio80:-5e1f00;IST@-5e1f00:-53lew0;IDT*@-53lew0:-4vob00;IST@-4vob00:-4kvc80;IDT*@-4kvc80:-4cl9o0;IST@-4cl9o0:-41saw0;IDT*@-41saw0:-3ti8c0;IST@-3ti8c0:-3isyw0;IDT*@-3isyw0:-3as5o0;IST@-3as5o0:-302w80;IDT*@-302w80:-2sf1o0;IST@-2sf1o0:-2hctk0;IDT*@-2hctk0:-29c0c0;IST@-29c0c0:-235pk0|Asia/Gaza Asia/Hebron
28,PLMT25590s,32,36;LMT@:-1csszqu|Asia/Ho_Chi_Minh Asia/Saigon
HKT32,HKWT*34,HKST*36;JST@-ua38y0:-s8u3g0|Asia/Hong_Kong Hongkong
IMT25025s,28,32,*36;LMT@:-1qmlcn5|Asia/Irkutsk
IMT7016s,EET8,EEST*12,*16;@-b84do0:-8kjhg0;@-8haw80:-7wxhg0;@8pgyc0:|Asia/Istanbul Europe/Istanbul Turkey
WIB28,BMT25632s,26400s,30,32,36;LMT@:-1x3gp40|Asia/Jakarta
WIT36,38;@-z1ycq0:-svmmc0|Asia/Jayapura
IST8,JMT8440s,IDT*12,IDDT*16|Asia/Jerusalem Asia/Tel_Aviv Israel
16,18|Asia/Kabul
44,48,*52|Asia/Kamchatka
PKT20,22,PKST*24,*26;@-p6nba0:-f0jn80|Asia/Karachi
24|Asia/Kashgar Asia/Urumqi Etc/GMT-6
22,23|Asia/Kathmandu Asia/Katmandu
32,36,*40,*44|Asia/Khandyga
SMT24925s,28,26400s,30,32,36|Asia/Kuala_Lumpur
30,32,*30000s,36|Asia/Kuching
CST32,CDT*36,*40;@-ua8uc0:-u3k6g0;@-tt8180:-tks940;@-tcwzw0:-sbb500|Asia/Macao Asia/Macau
40,44,*48|Asia/Magadan Asia/Srednekolymsk
MMT28656s,WITA32,36;LMT@:-15r3q40;@-z1y8s0:-u7q0w0|Asia/Makassar Asia/Ujung_Pandang
PST32,PDT*36;JST@-u7kjo0:-sm5vo0|Asia/Manila
24,*28,*32|Asia/Novosibirsk
12,16,*20,*24|Asia/Oral
28,PLMT25590s,32,36|Asia/Phnom_Penh Asia/Vientiane
WIB28,PMT26240s,30,WITA32,36;LMT@:-1buc9kw;@-qysq60:-px8ww0|Asia/Pontianak
KST34,KST36;JST@-19xevm0:-sd9ic0|Asia/Pyongyang
12,16|Asia/Qatar
RMT23087s,26,36;LMT@:-1qmlb5b|Asia/Rangoon Asia/Yangon
36,40,44,*48|Asia/Sakhalin
KST34,KST36,KDT*38,KDT*40;JST@-19xevm0:-schqc0|Asia/Seoul ROK
SMT24925s,28,26400s,30,32,36;LMT@:-1fo1n8d|Asia/Singapore Singapore
CST32,CDT*36;JST@-whm680:-sbtkw0|Asia/Taipei ROC
TBMT10751s,12,16,*20;LMT@:-1qml1mn|Asia/Tbilisi
TMT12344s,14,16,*18,*20;LMT@:-17u8xiw|Asia/Tehran Iran
22,24|Asia/Thimbu Asia/Thimphu
JST36,JDT*40|Asia/Tokyo Japan
32,36,40,44,*48|Asia/Ust-Nera
36,40,*44|Asia/Vladivostok
PMT13505s,16,20,*24|Asia/Yekaterinburg
-8,HMT-6872s,-4,*0,WEST*4;WET@-3nqfs0:-3j1zw0|Atlantic/Azores
BMT-15558s,AST-16,BST*-11958s,ADT*-12;LMT@:-1lennzu|Atlantic/Bermuda
-4,WET0,WEST*4|Atlantic/Canary
-8,-4|Atlantic/Cape_Verde
WET0,WEST*4|Atlantic/Faeroe Atlantic/Faroe WET
FMT-4056s,-4,WET0,WEST*4;LMT@:-1ojf67c;*@-17ljpc0:-17ejrw0;*@-178djw0:-16wneo0;*@-16plmk0:-16dvhc0;*@-166tp80:-15v3k00;*@-15nzx80:-15c9s00;*@-1557zw0:-14thuo0;*@-13ifeo0:-139mqo0;*@-12gtpc0:-1286lc0;*@-11yglc0:-11pgio0;*@-11fdk00:-116dhc0;*@-10waio0:-10nneo0;*@-zuudc0:-zm79c0;*@-zcu800:-z3h6o0;*@-yb1400:-y1o2o0;*@-xso000:-xiy000;*@-x8v1c0:-x07xc0;*@-wquw00:-whhuo0;*@-w8hs00:-vyrs00;*@-vootc0:-vdiyo0;*@-v8hhc0:-uwuyo0;*@-unlmo0:-ue6qo0;*@-u5yg00:-tufmo0;*@-tn8dc0:-tbclc0;*@-t4iao0:-ssmio0;*@-sls800:-s9wg00;*@-s1mao0:-rs99c0;*@-rivzo0:-r9iyc0;*@-r05x00:-qqsvo0;*@-qhfuc0:-q82t00;*@-pypro0:-ppcqc0;*@-pfzp00:-p69p00;*@-owwno0:-onjmc0;*@-oe6l00:-o4tjo0;*@-nvgic0:-nm3h00;*@-ncqfo0:-n3dec0;*@-mu0d00:-mkad00;*@-maxbo0:-m1kac0;*@-ls7900:-liu7o0;*@-l9h6c0:-l04500;*@-kqr3o0:-khe2c0;*@-k81100:-jynzo0;*@-jpayc0:-jfkyc0;*@-j67x00:-iwuvo0;*@-inhuc0:-ie4t00;*@-i4rro0:-hveqc0;*@-hm1p00:-hcono0|Atlantic/Madeira
-4,*0;GMT@-gk8ns0:|Atlantic/Reykjavik
-8|Atlantic/South_Georgia Etc/GMT+2
JMT-1368s,GMT0;LMT@:-1lenyy0|Atlantic/St_Helena
-16,SMT-13884s,*-12,*-8;LMT@:-1lenpac|Atlantic/Stanley
AEST40,AEDT*44|Australia/ACT Australia/Brisbane Australia/Canberra Australia/Currie Australia/Hobart Australia/Lindeman Australia/Melbourne Australia/NSW Australia/Queensland Australia/Sydney Australia/Tasmania Australia/Victoria
ACST36,ACST38,ACDT*42|Australia/Adelaide Australia/Darwin Australia/North Australia/South
ACST36,ACST38,AEST40,ACDT*42|Australia/Broken_Hill Australia/Yancowinna
35,*39|Australia/Eucla
AEST40,42,*44,*46|Australia/LHI Australia/Lord_Howe
AWST32,AWDT*36|Australia/Perth Australia/West
CET4,CEST*8|CET Europe/Belgrade Europe/Budapest Europe/Ljubljana Europe/Malta Europe/Oslo Europe/Podgorica Europe/Sarajevo Europe/Skopje Europe/Tirane Europe/Vaduz Europe/Vienna Europe/Zagreb
EMT-26248s,-28,-24,*-20;LMT@:-1lenfqw|Chile/EasterIsland Pacific/Easter
EST-20|EST
DMT-1521s,GMT*0,IST*2079s,IST4;LMT@:-1qbkhhr;BST*@-176f3s0:-16y33s0;BST*@-16oeyg0:-16en3s0;BST*@-165bx40:-15vx140;BST*@-15mlug0:-15br3s0;BST*@-153it40:-14u3x40|Eire Europe/Dublin
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
UTC0|Etc/UCT Etc/UTC Etc/Universal Etc/Zulu UCT UTC Universal Zulu
AMT1172s,1200s,CET4,NST*4772s,*4800s,CEST*8;LMT@:-2e41vkk|Europe/Amsterdam
WET0,CET4,CEST*8|Europe/Andorra
12,*16,*20|Europe/Astrakhan Europe/Saratov
CET4,AMT5692s,EET8,EEST*12;LMT@:-1ifkke4;CEST*@-umdf00:-tu0qk0;CEST*@-tmetg0:-tcqqw0|Europe/Athens
GMT0,BST*4,BDST*8|Europe/Belfast Europe/Isle_of_Man Europe/London GB GB-Eire
GMT*0,PMT3464s,CET4,CEST*8;LMT@:-26a7mo8|Europe/Bratislava Europe/Prague
WET0,BMT1050s,CET4,CEST*8;LMT@:-1qmku56;WEST*@-166s040:-15vm5g0;WEST*@-15orus0:-15bt6s0;WEST*@-154i840:-14sxk40;WEST*@-14l5xg0:-14b2ys0;WEST*@-1410040:-13scw40;WEST*@-13jctg0:-139mtg0;WEST*@-1309s40:-12qwqs0;WEST*@-12gts40:-1286o40;WEST*@-11ygo40:-11pglg0;WEST*@-11fdms0:-116dbs0;WEST*@-10wad40:-10nn940;WEST*@-10dx940:-104x6g0;WEST*@-zuu7s0:-zm73s0;WEST*@-zcu2g0:-z3h140;WEST*@-yugyg0:-ykdzs0;WEST*@-yb0yg0:-y1nx40;WEST*@-xsnug0:-xixug0;WEST*@-x8uvs0:-x07rs0;WEST*@-wquqg0:-whhp40;WEST*@-w8hmg0:-vyrmg0;WEST*@-voons0:-vdit40;WEST*@-v8hbs0:-v43x40|Europe/Brussels
BMT6264s,EET8,EEST*12;LMT@:-1khuni0|Europe/Bucharest
BMT1786s,CET4,CEST*8|Europe/Busingen Europe/Zurich
CET4,BMT6264s,CMT6900s,EET8,EEST*12,MSD*16;CEST*@-uicz00:-tu0qk0;CEST*@-tmgik0:-tcqik0;CEST*@-t3dh80:-sw0w80;MSK@-sw0w80:-9sbkc0;MSK@-9iwr40:-99jn00;MSK@-904ts0:-8qrpo0;MSK@-8hcwg0:-87xxo0;MSK@-7ykqs0:-7p7pg0;MSK@-7fuo40:-76hms0;MSK@-6x4lg0:-6nrk40;MSK@-6eeis0:-651hg0;MSK@-5vog40:-5mbes0;MSK@-5cydg0:-53lc40|Europe/Chisinau Europe/Tiraspol
CMT3020s,CET4,CEST*8;LMT@:-1leo2bw|Europe/Copenhagen
GMT0,CET4,CEST*8;BST*@-17mzeg0:-17g53s0;BST*@-176f3s0:-16y33s0;BST*@-16oeyg0:-16en3s0;BST*@-165bx40:-15vx140;BST*@-15mlug0:-15br3s0;BST*@-153it40:-14u3x40;BST*@-14l5p40:-14b2qg0;BST*@-140zrs0:-13tfjs0;BST*@-13imns0:-13acig0;BST*@-12zjmg0:-12qwig0;BST*@-12gtjs0:-1286fs0;BST*@-11ygfs0:-11pgd40;BST*@-11f0fs0:-116dbs0;BST*@-10wad40:-10nn940;BST*@-10dx940:-104x6g0;BST*@-zuu7s0:-zm73s0;BST*@-zc4540:-z3h140;BST*@-ytr140:-ykdzs0;BST*@-yab140:-y1nx40;BST*@-xrxx40:-xixug0;BST*@-x8uvs0:-x07rs0;BST*@-wq4t40:-whhp40;BST*@-w7rp40:-vyrmg0;BST*@-voons0:-vdit40;BST*@-v8hbs0:-um5p80;BDST*@-um5p80:-uh47w0;BST*@-uh47w0:-u4vh80;BDST*@-u4vh80:-tye580;BST*@-tye580:-tm5ek0;BDST*@-tm5ek0:-tfb3w0;BST*@-tfb3w0:-t3fbw0;BDST*@-t3fbw0:-sus7w0;BST*@-sus7w0:-sknek0;BDST*@-sknek0:-sfat80;BST*@-sfat80:-saz6g0;BST*@-s196g0:-rs93s0;BST*@-rjyyg0:-rij6k0;BDST*@-rij6k0:-rcet80;BST*@-rcet80:-r836g0;BST*@-r18vs0:-qpd3s0;BST*@-qhfx40:-q6n140;BST*@-pxzx40:-po9x40;BST*@-pf9ug0:-p5jug0;BST*@-ow6t40:-omgt40;BST*@-odgqg0:-o4tmg0;BST*@-nv3mg0:-nm3js0;BST*@-nc0l40:-n3dh40;BST*@-msxjs0:-mkafs0|Europe/Gibraltar
GMT0,BST*4,CEST*8;CET@-tu0qk0:-tmgik0;CET@-tcqik0:-t3dh80;CET@-su0fw0:-sknek0;BDST*@-sisyw0:-sfat80;BDST*@-rij6k0:-rcet80|Europe/Guernsey Europe/Jersey
HMT5989s,EET8,EEST*12;LMT@:-1rgf0md|Europe/Helsinki Europe/Mariehamn
CET4,EET8,EEST*12,MSD*16;CEST*@-17o0qw0:-17g5c40;CEST*@-1760d80:-16y36k0;CEST*@-16naak0:-16fd3w0;CEST*@-v6mqk0:-tu0qk0;CEST*@-tmgik0:-tcqik0;CEST*@-t3dh80:-su0fw0;CEST*@-sknek0:-sk8tk0;MSK@-s1mg80:-9sbkc0;MSK@-9iwr40:-99jn00;MSK@-904ts0:-8qrpo0;MSK@-8hcwg0:-87xxo0;MSK@-7ykqs0:-7p7pg0;MSK@-7fuo40:-76hms0;MSK@-6x4lg0:-6nrk40;MSK@-6eeis0:-651hg0;MSK@-5vog40:-5mbes0;@5v25c0:7qe580|Europe/Kaliningrad
CET4,EET8,KMT7324s,EEST*12,MSD*16;LMT@:-1qmkyzg;MSK@-10ads80:-uf0lo0;CEST*@-uf0lo0:-tu0qk0;CEST*@-tmgik0:-tcqik0;MSK@-tb1k40:-9sbkc0;MSK@-9iwr40:-99jn00;MSK@-904ts0:-8qrpo0;MSK@-8hcwg0:-87xxo0;MSK@-7ykqs0:-7p7pg0;MSK@-7fuo40:-76hms0;MSK@-6x4lg0:-6nrk40;MSK@-6eeis0:-651hg0;MSK@-5vog40:-5mbes0;MSK@-5cydg0:-53lc40|Europe/Kiev Europe/Kyiv Europe/Uzhgorod Europe/Zaporozhye
MSK12,MSD*16,*20;@-160juo0:-9sbn40;@-9iwtw0:-99jps0;@-904wk0:-8qrsg0;@-8hcz80:-87y0g0;@-7yktk0:-7p7s80;@-7fuqw0:-76hpk0;@-6x4o80:-6nrmw0;@-6eelk0:-651k80;@-5voiw0:-5mbhk0;@-4kias0:-41saw0;MSK@5v22k0:7qe2g0|Europe/Kirov
WET0,WEST*4,CEST*8;WEMT*@-u3stk0:-ty1ew0;WEMT*@-tlfpk0:-telew0;WEMT*@-t2co80:-svvc80;WEMT*@-sjmlk0:-sd59k0;CET@-hcoqg0:-c536o0;CET@-3sf180:-3j1zw0;CET@-39oyk0:-30bx80;CET@-2qyvw0:-2hluk0;CET@-288t80:-1yit80|Europe/Lisbon Portugal
WET0,CET4,CEST*8;WEST*@-166s040:-15vlx40;WEST*@-15orus0:-15bt180;WEST*@-154i840:-14sxek0;WEST*@-14l5xg0:-14b2w00;WEST*@-1410040:-13scqk0;WEST*@-13jctg0:-139mqo0;WEST*@-1307xg0:-12qwo00;WEST*@-12gts40:-1286lc0;WEST*@-11ygo40:-11pgio0;WEST*@-11fdms0:-116dhc0;WEST*@-10walg0:-10nn940;WEST*@-10dx940:-104x6g0;WEST*@-zuu7s0:-zm73s0;WEST*@-zcu2g0:-z3h140;WEST*@-yugyg0:-ykdzs0;WEST*@-yb0yg0:-y1nx40;WEST*@-xsnug0:-xixug0;WEST*@-x8uvs0:-x07rs0;WEST*@-wquqg0:-whhp40;WEST*@-w8hmg0:-vyrmg0;WEST*@-voons0:-vdit40;WEST*@-v8hbs0:-tu0qk0;WET@-tu0qk0:-tmgik0;WEST*@-tmgik0:-tcqik0;WET@-tcqik0:-t3dh80;WEST*@-t3dh80:-suqd80|Europe/Luxembourg
WET0,CET4,CEST*8;WEST*@-16n8lg0:-16eaao0;WEST*@-164xc40:-15vidc0;WEST*@-13ifhg0:-139mqo0;WEST*@-12gts40:-1286lc0;WEST*@-11ygo40:-11pgio0;WEST*@-11fdk00:-116dhc0;WEST*@-10walg0:-10nneo0;WEST*@-wn1xg0:-whhuo0;WEST*@-w84w40:-w6p480;WEMT*@-w6p480:-vyq2w0;WEST*@-vyq2w0:-vfoqo0|Europe/Madrid
CET4,MMT6600s,EET8,EEST*12,MSD*16;MSK@-10ads80:-ujc5o0;CEST*@-ujc5o0:-tu0qk0;CEST*@-tmgik0:-tcqik0;CEST*@-t3dh80:-syp6w0;MSK@-syp6w0:-9sbkc0;MSK@-9iwr40:-99jn00;MSK@-904ts0:-8qrpo0;MSK@-8hcwg0:-87xxo0;MSK@-7ykqs0:-7p7pg0;MSK@-7fuo40:-76hms0;MSK@-6x4lg0:-6nrk40;MSK@-6eeis0:-651hg0;MSK@-5vog40:-5mbes0;MSK@-5cydg0:-4kias0;@5v25c0:|Europe/Minsk
WET0,PMT561s,CET4,CEST*8;WEST*@-17lpc40:-17g3hg0;WEST*@-17759g0:-16x0g40;WEST*@-16p5440:-16eadg0;WEST*@-166s040:-15vkas0;WEST*@-15orus0:-15bt6s0;WEST*@-154i840:-14sxk40;WEST*@-14l5xg0:-14b2ys0;WEST*@-13z76s0:-13scw40;WEST*@-13jctg0:-139mtg0;WEST*@-1309s40:-12qwqs0;WEST*@-12gts40:-1286o40;WEST*@-11ygo40:-11pglg0;WEST*@-11fdms0:-116dk40;WEST*@-10walg0:-10nnhg0;WEST*@-10dxhg0:-104xes0;WEST*@-zuug40:-zm7c40;WEST*@-zcuas0:-z3h9g0;WEST*@-yuh6s0:-yke840;WEST*@-yb16s0:-y1o5g0;WEST*@-xso2s0:-xiy2s0;WEST*@-x8v440:-x08040;WEST*@-wquys0:-whhxg0;WEST*@-w8hus0:-vyrus0;WEST*@-voow40:-vdj1g0;WEST*@-v8hbs0:-um4040;WEMT*@-um4040:-ue6w80;WEST*@-ue6w80:-u69ms0;WEMT*@-u69ms0:-tu0qk0;WEST*@-tu0qk0:-tmgik0;WEMT*@-tmgik0:-tcqik0;WEST*@-tcqik0:-t3dh80;WEMT*@-t3dh80:-stphg0;WEST*@-stphg0:-sknek0;WEMT*@-sknek0:-sc2580|Europe/Monaco
EET8,MMT9017s,MMT9079s,MSK12,MST*12679s,MSD*16,MDST*16279s,*20;LMT@:-1qml0ah;EEST*@-4kias0:-4b56o0;MSK@5v22k0:7qe2g0|Europe/Moscow W-SU
WET0,PMT561s,CET4,CEST*8;LMT@:-1ks31rl;WEST*@-17lpc40:-17g3hg0;WEST*@-17759g0:-16x0g40;WEST*@-16p5440:-16eadg0;WEST*@-166s040:-15vkas0;WEST*@-15orus0:-15bt6s0;WEST*@-154i840:-14sxk40;WEST*@-14l5xg0:-14b2ys0;WEST*@-13z76s0:-13scw40;WEST*@-13jctg0:-139mtg0;WEST*@-1309s40:-12qwqs0;WEST*@-12gts40:-1286o40;WEST*@-11ygo40:-11pglg0;WEST*@-11fdms0:-116dk40;WEST*@-10walg0:-10nnhg0;WEST*@-10dxhg0:-104xes0;WEST*@-zuug40:-zm7c40;WEST*@-zcuas0:-z3h9g0;WEST*@-yuh6s0:-yke840;WEST*@-yb16s0:-y1o5g0;WEST*@-xso2s0:-xiy2s0;WEST*@-x8v440:-x08040;WEST*@-wquys0:-whhxg0;WEST*@-w8hus0:-vyrus0;WEST*@-voow40:-vdj1g0;WEST*@-v8hbs0:-v2s2w0;WEMT*@-svz1k0:-stphg0;WEST*@-stphg0:-sknek0;WEMT*@-sknek0:-sc2580|Europe/Paris
CET4,RMT5794s,EET8,LST*9394s,EEST*12,MSD*16;LMT@:-1qmkxsy;MSK@-v05mw0:-uj6lo0;CEST*@-uj6lo0:-tu0qk0;CEST*@-tmgik0:-tcqik0;CEST*@-t3dh80:-su0fw0;MSK@-stg840:-9sbkc0;MSK@-9iwr40:-99jn00;MSK@-904ts0:-8qrpo0;MSK@-8hcwg0:-87xxo0;MSK@-7ykqs0:-7p7pg0;MSK@-7fuo40:-76hms0;MSK@-6x4lg0:-6nrk40;MSK@-6eeis0:-651hg0;MSK@-5vog40:-5mbes0|Europe/Riga
RMT2996s,CET4,CEST*8;LMT@:-1xfuib8|Europe/Rome Europe/San_Marino Europe/Vatican
CET4,EET8,SMT8160s,EEST*12,MSD*16;MSK@-10ads80:-ucuto0;CEST*@-ucuto0:-tu0qk0;CEST*@-tmgik0:-tcqik0;CEST*@-t3dh80:-t2v6w0;MSK@-t2v6w0:-9sbkc0;MSK@-9iwr40:-99jn00;MSK@-904ts0:-8qrpo0;MSK@-8hcwg0:-87xxo0;MSK@-7ykqs0:-7p7pg0;MSK@-7fuo40:-76hms0;MSK@-6x4lg0:-6nrk40;MSK@-6eeis0:-651hg0;MSK@-5vog40:-5mbes0;MSK@-5cydg0:-4yjus0;MSK@-2qz1g0:-2hm040;MSK@-288ys0:-1yj4c0;MSK@-1nq000:-1fsqk0;MSK@7flc00:|Europe/Simferopol
CET4,IMT7016s,EET8,EEST*12;CEST*@-tmgik0:-tcqik0;CEST*@-t3dh80:-su0fw0|Europe/Sofia
CET4,SET3614s,CEST*8|Europe/Stockholm
CET4,TMT5940s,EET8,EEST*12,MSD*16;LMT@:-1qmkxx0;CEST*@-16naak0:-16fd3w0;MSK@-v03s80:-uf9v00;CEST*@-uf9v00:-tu0qk0;CEST*@-tmgik0:-tcqik0;CEST*@-t3dh80:-suj6w0;MSK@-suj6w0:-9sbkc0;MSK@-9iwr40:-99jn00;MSK@-904ts0:-8qrpo0;MSK@-8hcwg0:-87xxo0;MSK@-7ykqs0:-7p7pg0;MSK@-7fuo40:-76hms0;MSK@-6x4lg0:-6nrk40;MSK@-6eeis0:-651hg0;MSK@-5vog40:-5mbes0|Europe/Tallinn
8,12,*16,*20|Europe/Ulyanovsk
CET4,WMT5040s,KMT5736s,EET8,EEST*12,MSD*16;MSK@-v099g0:-ujjkc0;CEST*@-ujjkc0:-tu0qk0;CEST*@-tmgik0:-tcqik0;CEST*@-t3dh80:-sx7hk0;MSK@-sx7hk0:-9sbkc0;MSK@-9iwr40:-99jn00;MSK@-904ts0:-8qrpo0;MSK@-8hcwg0:-87xxo0;MSK@-7ykqs0:-7p7pg0;MSK@-7fuo40:-76hms0;MSK@-6x4lg0:-6nrk40;MSK@-6eeis0:-651hg0;MSK@-5vog40:-5mbes0;CEST*@-x2nw0:-m9rw0;CEST*@-ecl80:-36qk0|Europe/Vilnius
MSK12,MSD*16,*20;@-15qzmw4:-9sbn40;@-9iwtw0:-99jps0;@-904wk0:-8qrsg0;@-8hcz80:-87y0g0;@-7yktk0:-7p7s80;@-7fuqw0:-76hpk0;@-6x4o80:-6nrmw0;@-6eelk0:-651k80;@-4kias0:-41saw0;MSK@5v22k0:7qe2g0;@9tnek0:ayc540|Europe/Volgograd
CET4,WMT5040s,CEST*8,EEST*12;LMT@:-1qmkx80;EET@-16fd3w0:-164ig00;EET@-15wl9c0:-14hpxk0|Europe/Warsaw Poland
-000|Factory
HST-40|HST
EAT12,EAST*16|Indian/Antananarivo
20,24|Indian/Chagos
26|Indian/Cocos
-000,20|Indian/Kerguelen
MMT17640s,20;LMT@:-1qml6y0|Indian/Maldives
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
36,GST40,GDT*44;ChST@icc80:|Pacific/Guam Pacific/Saipan
HST-42,HST-40,HPT*-38;HDT*@-ysnby0:-yrjqy0;HWT*@-u7ofy0:-sdpk40|Pacific/Honolulu Pacific/Johnston US/Hawaii
-38400s,-40,56|Pacific/Kiritimati
36,40,44,48|Pacific/Kosrae Pacific/Majuro
-38|Pacific/Marquesas
SST-44,*-40;@-1fo075k:-mqr2s0|Pacific/Midway
36,46,48|Pacific/Nauru
-40800s,-44|Pacific/Niue
44,40320s,46,*48,*50|Pacific/Norfolk
SST-44|Pacific/Pago_Pago Pacific/Samoa US/Samoa
-34,-32|Pacific/Pitcairn
36,40,44|Pacific/Pohnpei
PMMT35312s,40|Pacific/Port_Moresby Pacific/Truk Pacific/Yap
-42,-40,*-38|Pacific/Rarotonga
44400s,52,*56|Pacific/Tongatapu
`;

export interface ZoneOffsetName {
  /** Empty: the offset in digits. */
  readonly abbreviation: string;
  readonly isDst: boolean;
}

/** A name that holds for a stretch of time only: seconds since 2000-01-01 UTC. */
export interface ZoneNameException extends ZoneOffsetName {
  readonly from: number;
  readonly to: number;
}

export interface ZoneEntry {
  readonly name: string;
  /** By seconds east of UTC. */
  readonly offsets: ReadonlyMap<number, ZoneOffsetName>;
  readonly exceptions: readonly ZoneNameException[];
}

function readException(text: string): ZoneNameException {
  const [label, range] = text.split('@');
  const [from, to] = range.split(':');
  return {
    abbreviation: label.replace('*', ''),
    isDst: label.endsWith('*'),
    from: from === '' ? Number.NEGATIVE_INFINITY : Number.parseInt(from, 36),
    to: to === '' ? Number.POSITIVE_INFINITY : Number.parseInt(to, 36),
  };
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
    const [first, ...rest] = line.slice(0, split).split(';');
    const offsets = readOffsets(first);
    const exceptions = rest.map(readException);
    for (const name of line.slice(split + 1).split(' ')) all.set(name.toLowerCase(), { name, offsets, exceptions });
  }
  return all;
}

let table: ReadonlyMap<string, ZoneEntry> | null = null;

/** By lower-case name. */
export function zoneEntries(): ReadonlyMap<string, ZoneEntry> {
  table ??= read();
  return table;
}
