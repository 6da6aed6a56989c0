import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';
import ts from 'typescript';
import { catalogs } from '.';

type Catalog = Record<string, string>;
type Part = ReturnType<IntlMessageFormat['getAst']>[number];

const ROOT = resolve(__dirname, '../../../../..');
const english: Catalog = catalogs.en;
const all = Object.entries<Catalog>(catalogs);

/** Every part of a message, those within plurals and selects included. */
function partsOf(parts: readonly Part[]): Part[] {
  return parts.flatMap((part) => [
    part,
    ...('options' in part ? Object.values(part.options).flatMap(({ value }) => partsOf(value)) : []),
  ]);
}

function parse(language: string, message: string): Part[] {
  return partsOf(new IntlMessageFormat(message, language, undefined, { ignoreTag: true }).getAst());
}

const isPlural = (part: Part) => 'pluralType' in part;
/** A placeholder, by its name: all but plain text and the "#" of a plural. */
const isNamed = (part: Part): part is Exclude<Part, { type: 7 }> => part.type !== 0 && part.type !== 7;

function names(parts: readonly Part[]): Set<string> {
  return new Set(parts.filter(isNamed).map(({ value }) => value));
}

/** Placeholders that English only agrees with ("has", "have"), which a language may have no need of. */
function forAgreement(parts: readonly Part[]): Set<string> {
  const agreeing = parts.filter(
    (part) => isPlural(part) && 'options' in part && !partsOf([part]).some(({ type }) => type === 7),
  );
  return names(agreeing);
}

/** What is wrong with a message of a language, measured by the English one. */
function messageFaults(language: string, message: string, measure: string): string[] {
  let parts: Part[];
  try {
    parts = parse(language, message);
  } catch (error) {
    return [`does not parse: ${(error as Error).message}`];
  }
  const measured = parse('en', measure);
  const own = names(parts);
  const unknown = [...own].filter((name) => !names(measured).has(name));
  const lacking = [...names(measured)].filter((name) => !own.has(name) && !forAgreement(measured).has(name));
  const chosen = parts.flatMap((part) => {
    if (!('options' in part)) return [];
    const given = Object.keys(part.options).filter((option) => !option.startsWith('='));
    const wanted = isPlural(part)
      ? new Intl.PluralRules(language)
          .resolvedOptions()
          .pluralCategories.filter((category) => category !== 'zero' || !part.options['=0'])
      : optionsOf(measured, part.value);
    return [
      ...wanted
        .filter((option) => !given.includes(option))
        .map((option) => `${part.value} lacks "${option}"`),
      ...given
        .filter((option) => !wanted.includes(option))
        .map((option) => `${part.value} has no "${option}"`),
    ];
  });
  return [
    ...unknown.map((name) => `{${name}} is not in the English message`),
    ...lacking.map((name) => `{${name}} is missing`),
    ...chosen,
  ];
}

function optionsOf(parts: readonly Part[], name: string): string[] {
  const select = parts.find((part) => 'options' in part && !isPlural(part) && part.value === name);
  return select && 'options' in select ? Object.keys(select.options) : [];
}

function catalogFaults(language: string, catalog: Catalog, measure: Catalog): string[] {
  return [
    ...Object.keys(measure)
      .filter((key) => !Object.hasOwn(catalog, key))
      .map((key) => `${language}: ${key} is missing`),
    ...Object.entries(catalog).flatMap(([key, message]) =>
      Object.hasOwn(measure, key)
        ? messageFaults(language, message, measure[key]!).map((fault) => `${language}: ${key}: ${fault}`)
        : [`${language}: ${key} is not in the English catalog`],
    ),
  ];
}

/**
 * Keys that the programs name: in plain words, or in a template whose every value the compiler knows, as it is asked
 * wherever a key of the catalogs is expected. `as MessageKey` would hide from it which they are.
 */
function keysInUse(program: ts.Program): { used: Set<string>; hidden: string[] } {
  const checker = program.getTypeChecker();
  const used = new Set<string>();
  const hidden: string[] = [];
  const visit = (node: ts.Node, file: ts.SourceFile): void => {
    if (ts.isStringLiteralLike(node)) used.add(node.text);
    if (ts.isTemplateExpression(node)) {
      const type = checker.getTypeAtLocation(node);
      for (const each of type.isUnion() ? type.types : [type])
        if (each.isStringLiteral()) used.add(each.value);
    }
    if (ts.isAsExpression(node) && node.type.getText(file) === 'MessageKey') {
      hidden.push(`${basename(file.fileName)}: ${node.getText(file)}`);
    }
    ts.forEachChild(node, (child) => visit(child, file));
  };
  for (const file of program.getSourceFiles()) {
    if (!file.fileName.includes('node_modules') && !file.fileName.endsWith('.json')) visit(file, file);
  }
  return { used, hidden };
}

function programs(): ts.Program {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const sources = fileNames.filter((name) => /\/(apps|libs)\//.test(name) && !/\.spec\.tsx?$/.test(name));
  return ts.createProgram(sources, { ...options, noEmit: true });
}

test.each(all)(
  'every message of %s is there, parses and has what its grammar asks for',
  (language, catalog) => {
    expect(catalogFaults(language, catalog, english)).toEqual([]);
  },
);

test.each(all)('every key of %s stands in one file alone, and every file is read', (language, catalog) => {
  const files = readdirSync(join(__dirname, language)).filter((name) => name.endsWith('.json'));
  const keys = files.flatMap((name) => {
    return Object.keys(JSON.parse(readFileSync(join(__dirname, language, name), 'utf8')) as Catalog);
  });
  expect(keys.toSorted()).toEqual(Object.keys(catalog).toSorted());
});

test('no key is left that nothing says', () => {
  const { used, hidden } = keysInUse(programs());
  expect(hidden).toEqual([]);
  expect(Object.keys(english).filter((key) => !used.has(key))).toEqual([]);
});

describe('the check finds', () => {
  const measure = {
    greeting: 'Dear {name},',
    what: '{what, select, time {New time} other {New place}}',
    hosts: '{hosts} {count, plural, one {has} other {have}} invited you.',
    places: '{count, plural, one {# place} other {# places}}',
  };
  const broken = (change: Partial<Catalog>) =>
    catalogFaults('ru', { ...measureIn.ru, ...change } as Catalog, measure);
  const measureIn = {
    ru: {
      greeting: '{name}!',
      what: '{what, select, time {Новое время} other {Новое место}}',
      hosts: 'Вас приглашают {hosts}.',
      places: '{count, plural, one {# место} few {# места} many {# мест} other {# места}}',
    },
  };

  test('nothing in a catalog that is whole, nor a plural that only English needs', () => {
    expect(broken({})).toEqual([]);
  });

  test('a key that is missing, and one too many', () => {
    const { greeting, ...rest } = measureIn.ru;
    expect(catalogFaults('ru', { ...rest, farewell: greeting }, measure)).toEqual([
      'ru: greeting is missing',
      'ru: farewell is not in the English catalog',
    ]);
  });

  test('a placeholder of another name, and one that is not said', () => {
    expect(broken({ greeting: '{person}!' })).toEqual([
      'ru: greeting: {person} is not in the English message',
      'ru: greeting: {name} is missing',
    ]);
    expect(broken({ places: 'места' })).toEqual(['ru: places: {count} is missing']);
  });

  test('a plural form that the language has and the message lacks, or the other way round', () => {
    expect(broken({ places: '{count, plural, one {# место} many {# мест} other {# места}}' })).toEqual([
      'ru: places: count lacks "few"',
    ]);
    expect(broken({ places: '{count, plural, one {#} two {#} few {#} many {#} other {#}}' })).toEqual([
      'ru: places: count has no "two"',
    ]);
  });

  test('a choice that English has and the message lacks', () => {
    expect(broken({ what: '{what, select, other {Новое место}}' })).toEqual(['ru: what: what lacks "time"']);
  });

  test('a message that does not parse', () => {
    expect(broken({ greeting: '{name!' })).toEqual([expect.stringMatching(/^ru: greeting: does not parse/)]);
  });

  test('which keys a program says, also of a template whose values are known, and where one hides them', () => {
    const { used, hidden } = keysInUse(
      programOf(`
        type MessageKey = 'plain' | 'told.first' | 'told.second' | 'told.third';
        declare function t(key: MessageKey): string;
        declare const which: 'first' | 'second';
        declare const any: string;
        t('plain');
        t(\`told.\${which}\`);
        t(\`told.\${any}\` as MessageKey);
      `),
    );
    const said = ['plain', 'told.first', 'told.second', 'told.fourth'].filter((key) => used.has(key));
    expect(said).toEqual(['plain', 'told.first', 'told.second']);
    expect(hidden).toEqual(['program.ts: `told.${any}` as MessageKey']);
  });
});

/** A program of one file, with nothing around it. */
function programOf(source: string): ts.Program {
  const file = ts.createSourceFile('program.ts', source, ts.ScriptTarget.ES2022, true);
  const host: ts.CompilerHost = {
    ...ts.createCompilerHost({}),
    getSourceFile: (name) => (name === file.fileName ? file : undefined),
  };
  return ts.createProgram([file.fileName], { noLib: true, noEmit: true }, host);
}
