// Damm's check digit: H. M. Damm, "Total anti-symmetrische Quasigruppen" (2004), his table of order 10.
// It notices every single wrong digit and every swap of two neighbours.

const QUASIGROUP = [
  '0317598642',
  '7092154863',
  '4206871359',
  '1750983426',
  '6123045978',
  '3674209581',
  '5869720134',
  '8945362017',
  '9438617205',
  '2581436790',
].map((row) => Array.from(row, Number));

function interim(digits: string): number {
  return Array.from(digits, Number).reduce((row, digit) => QUASIGROUP[row]?.[digit] as number, 0);
}

/** The digit to append to `digits` (decimal digits only). */
export function dammDigit(digits: string): string {
  return String(interim(digits));
}

/** Whether `digits` (decimal digits only, the check digit last) is consistent. */
export function dammIsValid(digits: string): boolean {
  return interim(digits) === 0;
}
