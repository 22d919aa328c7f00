const DIGIT_0 = 0x30;
const MS_A_DAY = 86_400_000;

/**
 * Milliseconds since 1970 of the timestamp that stands in a JSON string (RFC 3339, as kube-apiserver writes it: in UTC, with
 * or without a fraction); NaN for anything else.
 */
export function timestampAt(bytes: Buffer, start: number, end: number): number {
  if (end - start < 20 || bytes[end - 1] !== 0x5a) return slowly(bytes, start, end);
  const year = digits(bytes, start, 4);
  const month = digits(bytes, start + 5, 2);
  const day = digits(bytes, start + 8, 2);
  const hours = digits(bytes, start + 11, 2);
  const minutes = digits(bytes, start + 14, 2);
  const seconds = digits(bytes, start + 17, 2);
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31 && hours <= 24 && minutes < 60 && seconds <= 60))
    return NaN;
  let fraction = 0;
  if (bytes[start + 19] === 0x2e) {
    let weight = 100;
    for (let at = start + 20; at < end - 1 && weight >= 1; at++, weight /= 10)
      fraction += ((bytes[at] ?? DIGIT_0) - DIGIT_0) * weight;
  }
  return (
    daysSince1970(year, month, day) * MS_A_DAY + ((hours * 60 + minutes) * 60 + seconds) * 1000 + fraction
  );
}

function digits(bytes: Buffer, start: number, count: number): number {
  let value = 0;
  for (let at = start; at < start + count; at++) {
    const digit = (bytes[at] ?? 0) - DIGIT_0;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Of the Gregorian calendar: years begin in March, so that the leap day is the last of its year. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const m = month <= 2 ? month + 9 : month - 3;
  const leapDays = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return y * 365 + leapDays + Math.floor((m * 153 + 2) / 5) + day - 719_469;
}

function slowly(bytes: Buffer, start: number, end: number): number {
  return end - start > 40 ? NaN : Date.parse(bytes.toString('latin1', start, end));
}
