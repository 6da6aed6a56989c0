import {
  brackets,
  directedParts,
  formatDay,
  formatList,
  formatPeriod,
  formatTimes,
  formatZone,
  languages,
  plain,
  readerLanguage,
  sign,
  t,
  type Language,
} from './languages';

describe('a reader is written to', () => {
  test.each([
    ['in their own language', 'ru', ['fr', 'en'], 'ru'],
    ['in their own language, whatever its region or script', 'zh-Hant-TW', ['fr'], 'zh'],
    ['else in the first working language of the dialogue that there is', 'pt', ['sw', 'fr', 'en'], 'fr'],
    ['else in English', 'pt', ['sw'], 'en'],
    ['in English where no dialogue says otherwise', 'pt', undefined, 'en'],
  ])('%s', (_, own, working, language) => {
    expect(readerLanguage(own, working)).toBe(language);
  });
});

describe('a message with a number', () => {
  const seats = (language: Language, ...counts: number[]) =>
    counts.map((count) => t(language, 'delegation.seats.count', { count }));

  test('has six forms in Arabic', () => {
    const said = seats('ar', 0, 1, 2, 3, 11, 100);
    expect(said).toEqual([
      '0 مقعد',
      'مقعد واحد',
      'مقعدان',
      '3 مقاعد',
      expect.stringMatching(/^11 مقعد[ًا]{2}$/),
      '100 مقعد',
    ]);
  });

  test('follows the last digits in Russian: one, few, many, and one again', () => {
    const approvals = [1, 2, 5, 21].map((count) => t('ru', 'organiser.to_approve', { count }));
    const [one, few, many, again] = approvals.map((text) => text.replace(/^\d+/, '#'));
    expect(new Set([one, few, many]).size).toBe(3);
    expect(again).toBe(one);
  });

  test('has one and more than one in Spanish, and a preposition after a million', () => {
    expect(seats('es', 1, 2, 1_000_000)).toEqual(['1 puesto', '2 puestos', '1.000.000 de puestos']);
  });

  test('has one form in Chinese', () => {
    const [one, two] = seats('zh', 1, 2);
    expect(two).toBe(one!.replace('1', '2'));
  });
});

describe('a time', () => {
  const start = new Date('2026-05-02T06:00:00Z');
  const end = new Date('2026-05-02T07:30:00Z');

  test('is said as each language says it', () => {
    const period = (language: Language) =>
      plain(language, formatPeriod(language, start, end, 'Africa/Cairo'));
    expect(period('zh')).toBe('2026年5月2日星期六 09:00–10:30');
    expect(period('es')).toBe('sábado, 2 de mayo de 2026, 09:00–10:30');
    expect(period('ru')).toBe('суббота, 2 мая 2026 года, 09:00–10:30');
    expect(formatDay('ru', start, 'Africa/Cairo')).toBe('2 мая 2026 года');
    expect(formatDay('zh', start, 'Africa/Cairo')).toBe('2026年5月2日');
  });

  describe('of a part of an agenda', () => {
    const at = (day: number, time: string) => new Date(`2026-05-0${day}T${time}:00Z`);
    const part = { startsAt: start, endsAt: end };
    const times = (language: Language, whole: typeof part, of = part) =>
      plain(language, formatTimes(language, of, whole, 'Africa/Cairo'));

    test('is hours alone where the whole is over on one day', () => {
      const day = { startsAt: at(2, '05:00'), endsAt: at(2, '20:00') };
      expect(languages.map((language) => times(language, day).replaceAll(/\s/g, ''))).toEqual(
        languages.map((language) => (language === 'ar' ? '\u206709:00–10:30\u2069' : '09:00–10:30')),
      );
    });

    const days = { startsAt: at(1, '07:00'), endsAt: at(2, '14:00') };
    test.each([
      ['ar', 'السبت، 2 مايو، \u206709:00–10:30\u2069'],
      ['en', 'Sat 2 May, 09:00–10:30'],
      ['es', 'sáb, 2 may, 09:00–10:30'],
      ['fr', 'sam. 2 mai, 09:00 – 10:30'],
      ['ru', 'сб, 2 мая, 09:00–10:30'],
      ['zh', '5月2日周六 09:00–10:30'],
    ] as const)('names the day where the whole takes several, in %s', (language, said) => {
      expect(times(language, days).replaceAll(/\s/g, ' ')).toBe(said);
    });

    test('names both days where it runs over midnight itself', () => {
      const night = { startsAt: at(1, '20:30'), endsAt: at(2, '05:00') };
      expect(times('en', days, night)).toBe('Fri 1 May, 23:30 – Sat 2 May, 08:00');
      expect(times('fr', days, night)).toBe('ven. 1er mai, 23:30 – sam. 2 mai, 08:00');
      expect(times('zh', days, night)).toBe('5月1日周五 23:30 – 5月2日周六 08:00');
    });

    test('names its day where the agenda is longer than the dialogue and it falls on the day after', () => {
      const evening = { startsAt: at(1, '15:00'), endsAt: at(1, '18:00') };
      expect(times('en', evening)).toBe('Sat 2 May, 09:00–10:30');
    });
  });

  test.each(languages)('of a range is one unit, in Arabic with its start to the right, in %s', (language) => {
    const [, , unit, mark, rest] = /^(.*?)(([\u2066\u2067])[^\u2066-\u2069]*\u2069)(.*)$/u.exec(
      formatPeriod(language, start, end, 'Africa/Cairo'),
    )!;
    expect([mark, rest]).toEqual([language === 'ar' ? '\u2067' : '\u2066', '']);
    // French sets spaces around the dash: none at which a line may break.
    expect(unit).not.toMatch(/[ \u2009]/u);
  });

  test('has its zone as UTC and hours, as one unit with a minus at which no line breaks', () => {
    const winter = new Date('2026-01-02T06:00:00Z');
    const zones = [
      'Africa/Cairo',
      'America/Bogota',
      'America/St_Johns',
      'Asia/Kathmandu',
      'Africa/Accra',
      'UTC',
    ];
    expect(zones.map((zone) => formatZone(zone, winter))).toEqual([
      '\u2066Africa/Cairo,\u00a0UTC+2\u2069',
      '\u2066America/Bogota,\u00a0UTC\u22125\u2069',
      '\u2066America/St\u00a0Johns,\u00a0UTC\u22123:30\u2069',
      '\u2066Asia/Kathmandu,\u00a0UTC+5:45\u2069',
      '\u2066Africa/Accra,\u00a0UTC+0\u2069',
      '\u2066UTC\u2069',
    ]);
  });

  test.each([
    ['forwards', 'Europe/Madrid', '2027-03-27T22:00Z', '2027-03-28T06:00Z', 'UTC+1 → UTC+2'],
    ['back', 'Europe/Madrid', '2027-10-30T22:00Z', '2027-10-31T06:00Z', 'UTC+2 → UTC+1'],
    ['west of Greenwich', 'America/New_York', '2027-03-14T05:00Z', '2027-03-14T09:00Z', 'UTC−5 → UTC−4'],
    [
      'by half an hour',
      'Australia/Lord_Howe',
      '2027-04-03T10:00Z',
      '2027-04-03T20:00Z',
      'UTC+11 → UTC+10:30',
    ],
    [
      'nowhere, though both days have a name',
      'Africa/Cairo',
      '2027-01-28T20:00Z',
      '2027-01-29T06:00Z',
      'UTC+2',
    ],
  ])('says both offsets where clocks change during it: %s', (_, zone, from, until, offsets) => {
    const said = formatZone(zone, new Date(from), new Date(until)).replaceAll('\u00a0', ' ');
    expect(said).toMatch(new RegExp(`, ${offsets.replaceAll('+', '\\+')}\u2069$`, 'u'));
  });

  test('without markup keeps in Arabic what turns it the right way, and elsewhere nothing', () => {
    const zone = formatZone('Africa/Cairo', start);
    expect(plain('ar', zone)).toBe(zone);
    expect(plain('en', `\u2068${zone}\u2069`)).toBe('\u2068Africa/Cairo,\u00a0UTC+3\u2069');
  });

  test('takes the brackets around it along, so that they never stand on another line', () => {
    const inner = { dir: 'ltr', parts: ['(UTC)'] };
    expect(directedParts('a (\u2066UTC\u2069), b')).toEqual(['a ', inner, ', b']);
    expect(directedParts('\u2068a (\u2066UTC\u2069)\u2069.')).toEqual([
      { dir: 'auto', parts: ['a ', inner] },
      '.',
    ]);
    expect(directedParts('\u2069a\u2066b')).toEqual(['a', { dir: 'ltr', parts: ['b'] }]);
  });
});

describe('names in a row', () => {
  test('are joined by the word of the language, or by its sign alone', () => {
    expect(formatList('es', ['Perú', 'Italia'])).toBe('Perú e Italia');
    expect(formatList('zh', ['甲', '乙', '丙'])).toBe('甲、乙和丙');
    expect(formatList('ru', ['А', 'Б', 'В'], 'plain')).toBe('А, Б, В');
    expect(formatList('fr', ['A', 'B', 'C'], 'or')).toBe('A, B ou C');
  });
});

describe('the first of a month', () => {
  const may = new Date('2026-05-01T09:00:00Z');

  test('is an ordinal in French, and no other day is', () => {
    expect(formatDay('fr', may, 'Africa/Cairo')).toBe('1er mai 2026');
    expect(formatDay('fr', new Date('2026-05-11T09:00:00Z'), 'Africa/Cairo')).toBe('11 mai 2026');
    const period = formatPeriod('fr', may, new Date('2026-06-01T11:00:00Z'), 'Africa/Cairo');
    expect(period).toContain('vendredi 1er mai 2026');
    expect(period).toContain('lundi 1er juin 2026');
  });

  test('is a plain number in English and Arabic', () => {
    expect(formatDay('en', may, 'Africa/Cairo')).toBe('1 May 2026');
    expect(formatDay('ar', may, 'Africa/Cairo')).toMatch(/^1 /);
  });
});

test('signs and brackets bring the space that their language sets', () => {
  expect([sign('en', ':'), sign('fr', ':'), sign('ar', ';'), sign('zh', ':')]).toEqual([
    ': ',
    '\u202f: ',
    '؛ ',
    '：',
  ]);
  expect(formatList('zh', ['移民', '发展', '保护'], 'plain')).toBe('移民、发展、保护');
  expect([brackets('fr').join('rôle'), brackets('zh').join('主席')]).toEqual([' (rôle)', '（主席）']);
});
