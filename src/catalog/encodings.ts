/** PostgreSQL's character set encodings: their numbers in catalogs, and their names. Data is always UTF8 here. */

export const UTF8_ENCODING = 6;
/** Encodings from here on are for clients only. */
const FIRST_CLIENT_ENCODING = 35;

/** By number. */
const NAMES = (
  'SQL_ASCII EUC_JP EUC_CN EUC_KR EUC_TW EUC_JIS_2004 UTF8 MULE_INTERNAL LATIN1 LATIN2 LATIN3 LATIN4 LATIN5 LATIN6 ' +
  'LATIN7 LATIN8 LATIN9 LATIN10 WIN1256 WIN1258 WIN866 WIN874 KOI8R WIN1251 WIN1252 ISO_8859_5 ISO_8859_6 ISO_8859_7 ' +
  'ISO_8859_8 WIN1250 WIN1253 WIN1254 WIN1255 WIN1257 KOI8U SJIS BIG5 GBK UHC GB18030 JOHAB SHIFT_JIS_2004'
).split(' ');

const ALIASES: Readonly<Record<string, string>> = {
  unicode: 'utf8',
  alt: 'win866',
  win: 'win1251',
  koi8: 'koi8r',
  iso88591: 'latin1',
};

function plain(name: string): string {
  return name.replaceAll(/[^a-z0-9]/gi, '').toLowerCase();
}

export function encodingName(encoding: number): string | undefined {
  return NAMES[encoding];
}

/** -1 when there is none of that name. Case and punctuation do not matter. */
export function encodingNumber(name: string): number {
  const wanted = plain(name);
  const known = ALIASES[wanted] ?? wanted;
  return NAMES.findIndex((candidate) => plain(candidate) === known);
}

/** Whether a database could have it. */
export function isServerEncoding(encoding: number): boolean {
  return encoding >= 0 && encoding < FIRST_CLIENT_ENCODING;
}
