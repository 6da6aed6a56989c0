/**
 * Loaded before a program (`node --require`): its clock is wrong by `CLOCK_SHIFT_MS` milliseconds, wherever it asks for
 * the time. Timers and `performance.now()` run on, as they do when somebody sets the clock of a machine.
 */
const shift = Number(process.env.CLOCK_SHIFT_MS);
const RightDate = Date;

globalThis.Date = new Proxy(RightDate, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length > 0 ? given : [target.now() + shift], newTarget) as Date,
  apply: () => new Date().toString(),
  get: (target, property) =>
    property === 'now' ? () => target.now() + shift : (Reflect.get(target, property) as unknown),
});
RightDate.prototype.constructor = globalThis.Date;

Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin + shift });

const instant = (): Temporal.Instant => Temporal.Instant.fromEpochMilliseconds(Date.now());
const zoned = (zone?: Temporal.TimeZoneLike): Temporal.ZonedDateTime =>
  instant().toZonedDateTimeISO(zone ?? Temporal.Now.timeZoneId());
Object.assign(Temporal.Now, {
  instant,
  zonedDateTimeISO: zoned,
  plainDateTimeISO: (zone?: Temporal.TimeZoneLike) => zoned(zone).toPlainDateTime(),
  plainDateISO: (zone?: Temporal.TimeZoneLike) => zoned(zone).toPlainDate(),
  plainTimeISO: (zone?: Temporal.TimeZoneLike) => zoned(zone).toPlainTime(),
});
