/** cash_words: an amount in English words, in PostgreSQL's wording. */
const SMALL =
  `zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
  eighteen nineteen`.split(/\s+/);
const TENS = 'zero ten twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const GROUPS = ['quadrillion', 'trillion', 'billion', 'million', 'thousand'];

/** Below a hundred. */
function belowHundred(value: number): string {
  if (value < 20) return SMALL[value];
  const tens = TENS[Math.floor(value / 10)];
  return value % 10 === 0 ? tens : `${tens} ${SMALL[value % 10]}`;
}

/** Below a thousand. */
function belowThousand(value: number): string {
  const rest = value % 100;
  if (value < 100) return belowHundred(value);
  const hundreds = `${SMALL[Math.floor(value / 100)]} hundred`;
  if (rest === 0) return hundreds;
  return `${hundreds}${rest < 20 ? ' and' : ''} ${belowHundred(rest)}`;
}

/** `cents`: the amount in hundredths. */
export function moneyInWords(cents: bigint): string {
  const magnitude = cents < 0n ? -cents : cents;
  const dollars = magnitude / 100n;
  const rest = Number(magnitude % 100n);
  let text = cents < 0n ? 'minus ' : '';
  GROUPS.forEach((name, i) => {
    const group = Number((dollars / 1000n ** BigInt(GROUPS.length - i)) % 1000n);
    if (group !== 0) text += `${belowThousand(group)} ${name} `;
  });
  const units = Number(dollars % 1000n);
  if (units !== 0) text += belowThousand(units);
  if (dollars === 0n) text += 'zero';
  text += dollars === 1n ? ' dollar and ' : ' dollars and ';
  text += `${belowThousand(rest)}${rest === 1 ? ' cent' : ' cents'}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}
