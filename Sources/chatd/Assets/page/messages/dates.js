// Days and times in the user's own language and time zone.

const clockFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const yearFormat = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const fullFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const relativeFormat = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

/** The language of days and times; the page itself is in English. */
const LANGUAGE = dayFormat.resolvedOptions().locale;

/** The start of a moment's day, in milliseconds. */
function dayOf(milliseconds) {
  return new Date(milliseconds).setHours(0, 0, 0, 0);
}

/** "today", "yesterday", or the date. */
function dayLabel(day) {
  const today = dayOf(Date.now());
  // A day may have 23 or 25 hours.
  const distance = Math.round((day - today) / 86_400_000);
  if (distance > -2 && distance < 1) return relativeFormat.format(distance, "day");
  const isThisYear = new Date(day).getFullYear() === new Date(today).getFullYear();
  return (isThisYear ? dayFormat : yearFormat).format(day);
}

/** A <time> that shows the time of day, with date and time in its tooltip. */
function timeElement(milliseconds) {
  const element = document.createElement("time");
  const date = new Date(milliseconds);
  element.lang = LANGUAGE;
  element.dateTime = date.toISOString();
  element.title = fullFormat.format(date);
  element.textContent = clockFormat.format(date);
  return element;
}
