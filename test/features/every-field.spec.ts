import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { ValidationPipe, Type } from '@nestjs/common';
import ts from 'typescript';
import { Problem } from '@app/platform';
import { everyField, everyRoute, type DtoField } from '../support/routes';

/*
 * Every field of every body and query, found by reflection, through the pipe that every route has: a new DTO is covered by
 * itself.
 */

const DEPTH = 30;
const deepList = () => Array.from({ length: DEPTH }).reduce<unknown>((inner) => [inner], []);
const deepObject = () => Array.from({ length: DEPTH }).reduce<unknown>((inner) => ({ a: inner }), {});

/** What no field takes. */
const NEVER: Record<string, () => unknown> = {
  'an empty list in a list': () => [[]],
  'an empty list in a list in a list': () => [[[]]],
  'an object in a list in a list': () => [[{}]],
  'null in a list': () => [null],
  'null after a list': () => [[], null],
  'a number in a list in a list': () => [[1]],
  'lists, thirty deep': deepList,
  'a list of lists, thirty deep': () => [deepList()],
  'objects, thirty deep': deepObject,
  'a list of objects, thirty deep': () => [deepObject()],
  'an object of lists in lists': () => ({ a: [[]] }),
};

/** A rule reads what is in it, by the questions of the dialogue, and names what is wrong by question. */
const READ_BY_A_RULE = [
  'NewRegistration answers: objects, thirty deep',
  'NewRegistration answers: an object of lists in lists',
];

/** What a field may take or refuse, but never trip over; a query has texts and lists of them alone. */
const ODD: Record<string, unknown> = {
  nothing: '',
  spaces: '   ',
  zero: 0,
  'a negative number': -1,
  'a fraction': 0.5,
  'more than an integer of PostgreSQL': 2 ** 31,
  'more than a bigint of PostgreSQL': 1e300,
  true: true,
  false: false,
  'an empty object': {},
  'an empty list': [],
  'an object with odd keys': JSON.parse('{"__proto__": {"a": 1}, "constructor": {"b": 2}, "toString": 3}'),
  NUL: 'a\0b',
  'half a character': 'a\ud800b',
  'a long text': 'x'.repeat(100_000),
};

describe('every field of every body and query', () => {
  let pipe: ValidationPipe;
  let dtos: { type: 'body' | 'query'; dto: Type; fields: DtoField[] }[];
  beforeAll(() => {
    const { validationPipe } =
      require('../../apps/api/src/http/validation') as typeof import('../../apps/api/src/http/validation');
    pipe = validationPipe();
    const routes = everyRoute();
    dtos = (['body', 'query'] as const).flatMap((type) =>
      [...new Set(routes.map((route) => route[type]))]
        .filter((dto) => dto !== null)
        .map((dto) => ({ type, dto, fields: everyField(dto) })),
    );
  });

  /** What is said of the field; null where it is taken. @throws whatever is no problem document */
  async function refusal(type: 'body' | 'query', dto: Type, field: DtoField, value: unknown) {
    try {
      await pipe.transform(field.body(value), { type, metatype: dto });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const { errors } = error;
      return (
        errors.find((wrong) => wrong.field === field.path || wrong.field.startsWith(`${field.path}.`)) ?? null
      );
    }
    return null;
  }

  test('is found, those of the objects in lists too', () => {
    const paths = dtos.flatMap(({ dto, fields }) => fields.map(({ path }) => `${dto.name} ${path}`));
    expect(paths).toEqual(
      expect.arrayContaining([
        'AgendaBody sessions.0.items.0.documents.0.url',
        'NoteDto interventions.0.commitment.due',
        'NewRegistration answers',
        'MailsQuery limit',
      ]),
    );
    expect(dtos.length).toBeGreaterThan(30);
  });

  test('refuses lists in lists, null in lists and what is nested deeply', async () => {
    const taken: string[] = [];
    for (const { type, dto, fields } of dtos) {
      for (const field of fields) {
        for (const [name, value] of Object.entries(NEVER)) {
          if (!(await refusal(type, dto, field, value()))) taken.push(`${dto.name} ${field.path}: ${name}`);
        }
      }
    }
    expect(taken).toEqual(READ_BY_A_RULE);
  });

  test('takes null exactly where its type says so', async () => {
    const nullable = nullableProperties();
    const wrong: string[] = [];
    for (const { dto, fields } of dtos.filter(({ type }) => type === 'body')) {
      for (const field of fields) {
        const isTaken = (await refusal('body', dto, field, null)) === null;
        const declaring = declaringClass(field.dto, field.property, nullable);
        if (isTaken !== nullable.get(`${declaring}.${field.property}`))
          wrong.push(`${dto.name} ${field.path} ${isTaken ? 'takes' : 'refuses'} null`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('takes or refuses whatever else is sent, and never fails', async () => {
    const failed: string[] = [];
    for (const { type, dto, fields } of dtos) {
      for (const field of fields) {
        for (const [name, value] of Object.entries(ODD)) {
          if (type === 'query' && typeof value !== 'string') continue;
          for (const sent of [value, [value, value]]) {
            await refusal(type, dto, field, sent).catch((error: Error) =>
              failed.push(`${dto.name} ${field.path}, ${name}: ${error.message}`),
            );
          }
        }
      }
    }
    expect(failed).toEqual([]);
  });
});

/** Whether a property of a DTO may be null by its type, by `Class.property`. */
function nullableProperties(): Map<string, boolean> {
  const root = join(__dirname, '../..');
  const files = execFileSync('git', ['ls-files', 'apps/api/src/**/*.dto.ts'], {
    cwd: root,
    encoding: 'utf8',
  });
  const properties = new Map<string, boolean>();
  for (const file of files.trim().split('\n')) {
    const source = ts.createSourceFile(
      file,
      readFileSync(join(root, file), 'utf8'),
      ts.ScriptTarget.Latest,
      true,
    );
    source.forEachChild((node) => {
      if (!ts.isClassDeclaration(node)) return;
      for (const member of node.members.filter(ts.isPropertyDeclaration)) {
        const type = member.type?.getText(source) ?? '';
        properties.set(`${node.name!.text}.${member.name.getText(source)}`, /\|\s*null$/.test(type));
      }
    });
  }
  return properties;
}

/** The class among a DTO and those it extends whose declaration of a property counts. */
function declaringClass(dto: Type, property: string, known: Map<string, boolean>): string {
  for (let type = dto; typeof type === 'function' && type.name; type = Object.getPrototypeOf(type) as Type) {
    if (known.has(`${type.name}.${property}`)) return type.name;
  }
  throw new Error(`No DTO file declares ${property} of ${dto.name}.`);
}
