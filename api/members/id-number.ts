export type IdNumber = { number: string; bornOn: string };
export type IdNumberProblem = 'id_number_invalid' | 'id_number_check_digit';

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const checkDigits = '10X98765432';

/** The number of a resident's ID card (GB 11643) as people write it: spaces and a small x are accepted. */
export function readIdNumber(written: string): IdNumber | IdNumberProblem {
  const number = written.replace(/[ -]/g, '').toUpperCase();
  const [, year = '', month = '', day = ''] =
    /^[1-9]\d{5}(\d{4})(\d{2})(\d{2})\d{3}[\dX]$/.exec(number) ?? [];
  const bornOn = `${year}-${month}-${day}`;
  if (year === '' || !isDay(bornOn)) return 'id_number_invalid';
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += (number.charCodeAt(i) - 48) * (weights[i] ?? 0);
  return checkDigits[sum % 11] === number[17] ? { number, bornOn } : 'id_number_check_digit';
}

/** A day of a person's birth that there was: 1900 to 2020, as 1990-05-01. */
export function isDay(text: string): boolean {
  if (!/^(19\d\d|20[01]\d|2020)-\d\d-\d\d$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
