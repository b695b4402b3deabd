/**
 * Points in time: the forms of date strings that scripts use, and strftime(3) in the C locale and UTC, the only time zone.
 */

/** A calendar date and time of day in UTC. */
export interface Calendar {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly weekday: number;
  readonly yearday: number;
}

const DAY = 86400;

/** The calendar of a number of seconds since 1970. */
export function calendarOf(seconds: number): Calendar {
  const days = Math.floor(seconds / DAY);
  const rest = Math.floor(seconds - days * DAY);
  // Civil from days: years of 400-year eras that start in March.
  const shifted = days + 719468;
  const era = Math.floor(shifted / 146097);
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return {
    year,
    month,
    day: dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1,
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
    weekday: (((days + 4) % 7) + 7) % 7,
    yearday: days - daysFromCivil(year, 1, 1),
  };
}

/** Days from 1970-01-01 to a date of the Gregorian calendar. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

/**
 * Reads a date string: `@N`, `now`, ISO 8601 dates with or without time and zone, and what date itself prints; undefined for anything
 * else.
 */
export function parseDate(text: string, now: number): number | undefined {
  const trimmed = fromDateOutput(text.trim());
  if (trimmed === "now") return now;
  const epoch = /^@([-+]?[0-9]+)(?:\.[0-9]+)?$/.exec(trimmed);
  if (epoch !== null) return Number(epoch[1]);
  const match =
    /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?)?\s*(?:(Z|UTC|GMT)|([-+])([0-9]{2}):?([0-9]{2})?)?$/.exec(
      trimmed,
    );
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || hour > 24 || minute > 59 || second > 60) return undefined;
  const days = daysFromCivil(year, month, day);
  if (calendarOf(days * DAY).month !== month) return undefined;
  const zone = (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0)) * 60 * (match[8] === "-" ? -1 : 1);
  return days * DAY + hour * 3600 + minute * 60 + second - zone;
}

/** `Thu Jan  1 00:00:00 UTC 1970` and `Thu, 01 Jan 1970 00:00:00 +0000` in ISO 8601; anything else as it is. */
function fromDateOutput(text: string): string {
  const plain = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) +([0-9]{1,2}) ([0-9:]{8}) (UTC|GMT) ([0-9]{4})$/.exec(text);
  const mail = /^[A-Z][a-z]{2}, ([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9:]{8}) ([-+][0-9]{4})$/.exec(text);
  const [month, day, time, zone, year] = plain?.slice(1) ?? (mail === null ? [] : [2, 1, 4, 5, 3].map((i) => mail[i]));
  const number = MONTHS.findIndex((name) => name.slice(0, 3) === month) + 1;
  return number === 0 ? text : `${year}-${number}-${day} ${time} ${zone}`;
}

/** touch -t: [[CC]YY]MMDDhhmm[.ss]. */
export function parseTouchTime(text: string, now: number): number | undefined {
  const match = /^([0-9]{2})?([0-9]{2})?([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})(?:\.([0-9]{2}))?$/.exec(text);
  if (match === null) return undefined;
  const pairs = text.replace(/\..*/, "").length / 2;
  const short = match[1] === undefined ? undefined : Number(pairs === 5 ? match[1] : match[2]);
  const year =
    short === undefined
      ? calendarOf(now).year
      : pairs === 6
        ? Number(match[1]) * 100 + short
        : short < 69
          ? 2000 + short
          : 1900 + short;
  const [month, day, hour, minute] = match.slice(3, 7).map(Number) as [number, number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59) return undefined;
  return daysFromCivil(year, month, day) * DAY + hour * 3600 + minute * 60 + Number(match[7] ?? 0);
}

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** strftime with GNU's flags (`-`, `_`, `0`, `^`, `#`) and widths; an unknown conversion stays as it is. */
export function formatDate(format: string, seconds: number): string {
  const text = format.replace(
    /%([-_0^#+]*)([0-9]*)[EO]?(:{0,3}[a-zA-Z%]|$)/g,
    (whole, flags: string, width: string, what: string) => {
      const field = dateField(what, seconds);
      if (field === undefined) return whole;
      let { text: value, width: natural, pad } = field;
      if (flags.includes("^") || (flags.includes("#") && /^[aAbBh]$/.test(what))) value = value.toUpperCase();
      else if (flags.includes("#")) value = value.toLowerCase();
      if (flags.includes("-")) return value;
      if (flags.includes("_")) pad = " ";
      if (flags.includes("0")) pad = "0";
      if (width !== "") natural = Number(width);
      return value.padStart(natural, pad);
    },
  );
  return text;
}

function dateField(
  what: string,
  seconds: number,
): { readonly text: string; readonly width: number; readonly pad: string } | undefined {
  const c = calendarOf(seconds);
  const number = (value: number, width: number, pad = "0") => ({ text: String(value), width, pad });
  const plain = (text: string) => ({ text, width: 0, pad: " " });
  const nested = (format: string) => plain(formatDate(format, seconds));
  const twelve = c.hour % 12 === 0 ? 12 : c.hour % 12;
  const iso = isoWeek(c);
  switch (what) {
    case "%":
      return plain("%");
    case "n":
      return plain("\n");
    case "t":
      return plain("\t");
    case "a":
      return plain(WEEKDAYS[c.weekday]!.slice(0, 3));
    case "A":
      return plain(WEEKDAYS[c.weekday]!);
    case "b":
    case "h":
      return plain(MONTHS[c.month - 1]!.slice(0, 3));
    case "B":
      return plain(MONTHS[c.month - 1]!);
    case "c":
      return nested("%a %b %e %H:%M:%S %Y");
    case "C":
      return number(Math.floor(c.year / 100), 2);
    case "d":
      return number(c.day, 2);
    case "D":
    case "x":
      return nested("%m/%d/%y");
    case "e":
      return number(c.day, 2, " ");
    case "F":
      return nested("%Y-%m-%d");
    case "g":
      return number(iso.year % 100, 2);
    case "G":
      return number(iso.year, 4);
    case "H":
      return number(c.hour, 2);
    case "I":
      return number(twelve, 2);
    case "j":
      return number(c.yearday + 1, 3);
    case "k":
      return number(c.hour, 2, " ");
    case "l":
      return number(twelve, 2, " ");
    case "m":
      return number(c.month, 2);
    case "M":
      return number(c.minute, 2);
    case "N":
      return plain("000000000");
    case "p":
      return plain(c.hour < 12 ? "AM" : "PM");
    case "P":
      return plain(c.hour < 12 ? "am" : "pm");
    case "q":
      return number(Math.ceil(c.month / 3), 1);
    case "r":
      return nested("%I:%M:%S %p");
    case "R":
      return nested("%H:%M");
    case "s":
      return number(seconds, 1);
    case "S":
      return number(c.second, 2);
    case "T":
    case "X":
      return nested("%H:%M:%S");
    case "u":
      return number(c.weekday === 0 ? 7 : c.weekday, 1);
    case "U":
      return number(Math.floor((c.yearday + 7 - c.weekday) / 7), 2);
    case "V":
      return number(iso.week, 2);
    case "w":
      return number(c.weekday, 1);
    case "W":
      return number(Math.floor((c.yearday + 7 - ((c.weekday + 6) % 7)) / 7), 2);
    case "y":
      return number(c.year % 100, 2);
    case "Y":
      return number(c.year, 4);
    case "z":
      return plain("+0000");
    case ":z":
      return plain("+00:00");
    case "::z":
      return plain("+00:00:00");
    case ":::z":
      return plain("+00");
    case "Z":
      return plain("UTC");
    default:
      return undefined;
  }
}

/** ISO 8601 week: weeks start on Monday, week 1 has the year's first Thursday. */
function isoWeek(c: Calendar): { readonly year: number; readonly week: number } {
  const weekday = (c.weekday + 6) % 7;
  const thursday = daysFromCivil(c.year, c.month, c.day) - weekday + 3;
  const { year, yearday } = calendarOf(thursday * DAY);
  return { year, week: Math.floor(yearday / 7) + 1 };
}
