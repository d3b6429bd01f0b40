// Numbers, times and durations in the language and zones of the page. Pure but for Intl; never reads a clock.

/** @returns functions that turn values into the words of a person */
export function createFormat({ language, words, zones }) {
  const numbers = new Map();
  const dates = new Map();
  const cached = (cache, key, make) => cache.get(key) ?? cache.set(key, make()).get(key);
  const t = (key, values = {}) =>
    (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => (name in values ? String(values[name]) : ""));
  const number = (value, digits = 0) =>
    cached(
      numbers,
      digits,
      () => new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
    ).format(value);
  const upTo = (value, digits) =>
    cached(numbers, `up to ${digits}`, () => new Intl.NumberFormat(language, { maximumFractionDigits: digits })).format(value);
  const date = (ms, zone, options) =>
    cached(
      dates,
      zone + JSON.stringify(options),
      () => new Intl.DateTimeFormat(language, { timeZone: zone, hourCycle: "h23", ...options }),
    ).format(ms);

  /** Two largest units of a span in seconds: [["1", "ч"], ["05", "мин"]]. */
  function spanParts(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    const [days, hours, minutes] = [Math.floor(whole / 86400), Math.floor(whole / 3600), Math.floor(whole / 60)];
    const unit = (name) => t(`unit.${name}`);
    if (days >= 10) return [[number(days), unit("day")]];
    if (hours >= 48) return [[number(days), unit("day")], ...(hours % 24 ? [[number(hours % 24), unit("hour")]] : [])];
    if (minutes >= 60) {
      return [[number(hours), unit("hour")], ...(minutes % 60 ? [[number(minutes % 60), unit("minute")]] : [])];
    }
    return minutes >= 1 ? [[number(minutes), unit("minute")]] : [[number(whole), unit("second")]];
  }
  const hm = { hour: "2-digit", minute: "2-digit" };
  const dm = { day: "2-digit", month: "2-digit" };
  const isSameDay = (a, b) => date(a, zones.local, { ...dm, year: "numeric" }) === date(b, zones.local, { ...dm, year: "numeric" });
  return {
    t,
    number,
    upTo, // digits only where they say something: 3,5 but 4
    spanParts,
    span: (seconds) =>
      spanParts(seconds)
        .map((part) => part.join("\u00a0"))
        .join("\u00a0"),
    time: (ms) => date(ms, zones.local, hm),
    clock: (ms) => date(ms, zones.local, { ...hm, second: "2-digit" }),
    // A time of another day would be read as today's: the day stands with it, or in its place where there is no room.
    clockOrDay: (ms, now) => date(ms, zones.local, isSameDay(ms, now) ? { ...hm, second: "2-digit" } : { ...dm, ...hm }),
    timeOrDay: (ms, now) => date(ms, zones.local, isSameDay(ms, now) ? hm : dm),
    stamp: (ms) => date(ms, zones.local, { ...dm, year: "numeric", ...hm }).replace(",", ""),
    federal: (ms) => date(ms, zones.federal, hm),
    weekday: (ms) => date(ms, zones.local, { weekday: "long" }),
    day: (ms) => date(ms, zones.local, { day: "numeric", month: "long" }),
    // Of a local day, told as its noon in UTC.
    dayName: (noon) => date(noon, "UTC", { weekday: "short" }),
    dayNumber: (noon) => date(noon, "UTC", { day: "numeric" }),
    hour: (ms) => date(ms, zones.local, { hour: "2-digit" }),
  };
}
