/**
 * Abbreviations of time zones that input accepts whatever the session's zone: the default set of PostgreSQL 15. A line
 * has the offset in seconds east of UTC (with D for summer time), or the zone whose history gives it, and the names.
 */
import { findTimeZone, offsetOfLocal, UTC_ZONE } from './time-zone.js';

/** The only one of these that its zone still uses itself. */
const OWN_NAME = 'MSK';
const OWN_OFFSET = 10800;

const LINES = `
10800 EAT FET
7200 SAST IST EET
3600 WAT CET MET MEZ
-18000 ACT COT EST PET
-28800D AKDT
-32400 AKST GAMT
America/Argentina/Buenos_Aires ART ARST
-14400 BOT AMT AST
-10800 BRA BRT GFT PMST UYT WGT
-7200D BRST PMDT UYST WGST
-18000D CDT
-10800D CLST PYST ADT
America/Santiago CLT
-21600 CST GALT
-14400D EDT
0D EGST AZOST
-3600 EGT AZOT
-7200 FNT
-3600D FNST
America/Guyana GYT
-21600D MDT
-25200 MST
-9000D NDT
-12600 NFT NST
-25200D PDT
-28800 PST
America/Asuncion PYT
America/Caracas VET
Antarctica/Davis DAVT
36000 DDUT AEST LIGT CHUT MPT PGT TRUT YAPT
Antarctica/Mawson MAWT
16200 AFT
21600 ALMT BDT BTT XJT
25200D ALMST
Asia/Yerevan AMST
Asia/Anadyr ANAST ANAT
Asia/Baku AZST AZT
28800 BNT BORT CCT HKT MYT PHT AWST
Asia/Tbilisi GEST GET
25200 ICT WAST CXT
10800D IDT EEST EETDST
Asia/Irkutsk IRKST IRKT
12600 IRT
32400 JAYT JST KST PWT
36000D KDT
21600D KGST PKST UZST YEKST
Asia/Bishkek KGT
Asia/Krasnoyarsk KRAST KRAT
Asia/Colombo LKT
Asia/Magadan MAGST MAGT
23400 MMT
Asia/Novosibirsk NOVST NOVT
20700 NPT
Asia/Omsk OMSST OMST
Asia/Kamchatka PETST PETT
18000 PKT TJT UZT MVT TFT
Asia/Singapore SGT
Asia/Ashgabat TMT
32400D ULAST AWSST WDT
Asia/Ulaanbaatar ULAT
Asia/Vladivostok VLAST VLAT
Asia/Yakutsk YAKST YAKT
Asia/Yekaterinburg YEKT
Atlantic/Stanley FKST FKT
37800D ACSST ACDT CADT SADT
34200 ACST CAST
31500 ACWST
39600D AESST AEDT
Australia/Lord_Howe LHDT
37800 LHST
43200 NZT FJT GILT MHT NZST TVT WAKT WFT
28800D WADT
0 GMT UCT UT UTC Z ZULU WET
3600D BST WETDST
7200D BDST CEST CETDST MEST MESZ METDST
14400D MSD
Europe/Moscow MSK
Europe/Volgograd VOLT
Indian/Chagos IOT
14400 MUT RET SCT
18000D MUST
49500D CHADT
45900 CHAST
Pacific/Rarotonga CKT
Pacific/Easter EASST EAST
46800D FJST NZDT
-36000 HST TAHT
Pacific/Kosrae KOST
Pacific/Kiritimati LINT
-34200 MART
Pacific/Niue NUT
39600 PONT VUT
Pacific/Fakaofo TKT
46800 TOT
`;

export interface ZoneAbbreviation {
  /** Seconds east of UTC; null where `zone` decides by date. */
  readonly offset: number | null;
  readonly isDst: boolean;
  readonly zone: string | null;
}

function read(): Map<string, ZoneAbbreviation> {
  const all = new Map<string, ZoneAbbreviation>();
  for (const line of LINES.trim().split('\n')) {
    const [what, ...names] = line.split(' ');
    const offset = Number.parseInt(what, 10);
    const entry = Number.isNaN(offset)
      ? { offset: null, isDst: false, zone: what }
      : { offset, isDst: what.endsWith('D'), zone: null };
    for (const name of names) all.set(name, entry);
  }
  return all;
}

let table: ReadonlyMap<string, ZoneAbbreviation> | null = null;

/** By upper-case name. */
export function zoneAbbreviations(): ReadonlyMap<string, ZoneAbbreviation> {
  table ??= read();
  return table;
}

/**
 * Seconds east of UTC that an abbreviation stands for at a local time. One that follows a zone has the zone's offset;
 * where the zone calls its time otherwise just then, the offset is that of the name at other times.
 */
export function resolveAbbreviation(name: string, entry: ZoneAbbreviation, localSeconds: number): number {
  if (entry.offset !== null || entry.zone === null) return entry.offset ?? 0;
  const zone = findTimeZone(entry.zone) ?? UTC_ZONE;
  const offset = offsetOfLocal(zone, localSeconds);
  if (name === OWN_NAME && zone.abbreviationAt(localSeconds - offset) !== OWN_NAME) return OWN_OFFSET;
  return offset;
}
