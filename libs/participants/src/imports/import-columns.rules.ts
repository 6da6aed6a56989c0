import type { FieldProblem } from '@app/platform';
import { finderOf, folded } from '../../../platform/src/near.rules';
import type { Table, TableRow } from './table.rules';

/** What a column of a list can be. `given_name` and `family_name` make up the name where it stands in two columns. */
export const FIELDS = [
  'honorific',
  'name',
  'given_name',
  'family_name',
  'title',
  'email',
  'affiliation',
  'country',
  'mechanism',
  'capacity',
  'language',
  'time_zone',
] as const;

export type ListField = (typeof FIELDS)[number];

/** What is known of a person by a row; the name is whole. */
export type Column = Exclude<ListField, 'given_name' | 'family_name'>;

export const COLUMNS = FIELDS.filter(
  (field) => field !== 'given_name' && field !== 'family_name',
) as Column[];

/** Names under which lists have a column, in English, French and Arabic. The first is our own. */
const NAMES: Record<ListField | 'number', string[]> = {
  number: ['no', 'nr', 'n', 'num', 'number', 'numero', 'serial', 's n', 'رقم', 'م', 'الرقم', 'id'],
  honorific: [
    'honorific',
    'salutation',
    'prefix',
    'civility',
    'civilité',
    'titre de civilité',
    'mr ms',
    'mr mrs',
    'اللقب',
    'لقب',
    'السيد السيدة',
  ],
  name: [
    'name',
    'full name',
    'participant',
    'participant name',
    'name of participant',
    'delegate',
    'nom',
    'nom complet',
    'nom et prénom',
    'prénom et nom',
    'noms et prénoms',
    'nom du participant',
    'الاسم',
    'الاسم الكامل',
    'الاسم واللقب',
    'اسم المشارك',
    'اسم',
  ],
  given_name: [
    'given name',
    'first name',
    'forename',
    'given names',
    'prénom',
    'prénoms',
    'الاسم الأول',
    'الاسم الشخصي',
  ],
  family_name: [
    'family name',
    'last name',
    'surname',
    'nom de famille',
    'اسم العائلة',
    'الاسم العائلي',
    'النسب',
    'الكنية',
  ],
  title: [
    'title',
    'functional title',
    'job title',
    'position',
    'function',
    'designation',
    'fonction',
    'titre',
    'poste',
    'intitulé du poste',
    'المسمى الوظيفي',
    'الوظيفة',
    'المنصب',
    'الصفة الوظيفية',
  ],
  email: [
    'email',
    'e mail',
    'email address',
    'e mail address',
    'mail',
    'electronic mail',
    'courriel',
    'adresse électronique',
    'adresse courriel',
    'adresse e mail',
    'adresse mail',
    'mél',
    'البريد الإلكتروني',
    'بريد إلكتروني',
    'عنوان البريد الإلكتروني',
    'الإيميل',
    'ايميل',
  ],
  affiliation: [
    'affiliation',
    'organisation',
    'organization',
    'institution',
    'ministry',
    'agency',
    'entity',
    'employer',
    'organisme',
    'ministère',
    'structure',
    'rattachement',
    'الجهة',
    'المؤسسة',
    'المنظمة',
    'الوزارة',
    'جهة العمل',
    'الهيئة',
  ],
  country: [
    'country',
    'member state',
    'nationality',
    'pays',
    'état membre',
    'nationalité',
    'البلد',
    'الدولة',
    'بلد',
    'الجنسية',
  ],
  mechanism: [
    'mechanism',
    'iscm',
    'process',
    'consultation mechanism',
    'regional process',
    'rcp',
    'mécanisme',
    'processus',
    'mécanisme de consultation',
    'الآلية',
    'العملية',
    'آلية التشاور',
    'المسار',
  ],
  capacity: [
    'capacity',
    'role',
    'in the capacity of',
    'capacité',
    'rôle',
    'qualité',
    'en qualité de',
    'الصفة',
    'الدور',
    'صفة المشاركة',
  ],
  language: [
    'language',
    'preferred language',
    'working language',
    'langue',
    'langue de travail',
    'langue préférée',
    'اللغة',
    'لغة',
    'لغة العمل',
  ],
  time_zone: ['time zone', 'timezone', 'tz', 'fuseau horaire', 'fuseau', 'المنطقة الزمنية', 'التوقيت'],
};

const BY_NAME = new Map(
  Object.entries(NAMES).flatMap(([field, names]) =>
    names.map((name) => [folded(name), field as ListField | 'number'] as const),
  ),
);

/** The field that a column's name means, `number` for a running number, or null. */
export function fieldNamed(name: string): ListField | 'number' | null {
  return BY_NAME.get(folded(name)) ?? null;
}

/** A column of a list, and what it was taken for. */
export interface MappedColumn {
  /** Its name; one of its own when the file gives none, or the same to two. */
  column: string;
  /** What it is taken for; null: it is not read. */
  field: ListField | null;
  /** `said` by the organiser, `known` by its name. */
  by: 'said' | 'known' | null;
  /** What it may be, by likeness of its name or by what stands in it, where it is taken for nothing. */
  suggestion: ListField | null;
  /** The first few cells that are not empty. */
  sample: string[];
}

/** How the columns of a list are taken. */
export interface Mapping {
  columns: MappedColumn[];
  /** Fields that every person needs and no column gives: nothing can be judged until one is named. */
  missing: ('name' | 'email')[];
  /** Fields that several columns claim: none is taken until it is said which. */
  claimed: { field: ListField; columns: string[] }[];
}

const SAMPLES = 3;
const MOST_CHARACTERS_OF_SAMPLE = 80;

/**
 * Which column is which field: as the organiser says, else by its name in English, French or Arabic.
 * @param said field, or null for one not to be read, by column.
 */
export function mapColumns(table: Table, said: Readonly<Record<string, string | null>>): Mapping {
  const saidFields = new Set<string | null>(Object.values(said));
  const ownNames = new Map<string, string>(
    FIELDS.map((field) => [field, folded(field)] as const).filter(([, own]) =>
      table.columns.some((column) => folded(column) === own),
    ),
  );
  const columns = table.columns.map((column, index): MappedColumn => {
    const isSaid = Object.hasOwn(said, column);
    const known = fieldNamed(column);
    // What is said of another column, or is the very name of another, is not this one.
    const isOther =
      !isSaid &&
      known !== null &&
      (saidFields.has(known) || (ownNames.has(known) && folded(column) !== ownNames.get(known)));
    const field = isSaid ? (said[column] as ListField | null) : isOther ? null : known;
    return {
      column,
      field: field === 'number' ? null : field,
      by: isSaid ? 'said' : known && !isOther ? 'known' : null,
      suggestion: null,
      sample: samples(table.rows, index),
    };
  });
  const claimed = [...Map.groupBy(columns, ({ field }) => field)]
    .filter(([field, claiming]) => field !== null && claiming.length > 1)
    .map(([field, claiming]) => ({ field: field!, columns: claiming.map(({ column }) => column) }));
  for (const column of columns)
    if (claimed.some(({ field }) => field === column.field))
      Object.assign(column, { suggestion: column.field, field: null });
  // "Nom, Prénom": the name is the family's where given names stand beside it.
  const of = (field: ListField) => columns.find((column) => column.field === field);
  const name = of('name');
  if (name && of('given_name') && !of('family_name')) name.field = 'family_name';

  const taken = new Set(columns.map(({ field }) => field));
  for (const column of columns) {
    if (column.field === null && column.by === null) column.suggestion ??= suggested(column, taken);
  }
  const missing: Mapping['missing'] = [];
  if (!taken.has('name') && !taken.has('family_name') && !taken.has('given_name')) missing.push('name');
  if (!taken.has('email')) missing.push('email');
  return { columns, missing, claimed };
}

function samples(rows: readonly TableRow[], index: number): string[] {
  const found: string[] = [];
  for (const { cells } of rows) {
    const cell = cells[index]?.trim();
    if (cell) found.push(cell.slice(0, MOST_CHARACTERS_OF_SAMPLE));
    if (found.length === SAMPLES) break;
  }
  return found;
}

function suggested({ column, sample }: MappedColumn, taken: ReadonlySet<ListField | null>): ListField | null {
  const open = FIELDS.filter((field) => !taken.has(field));
  if (open.includes('email') && sample.some((cell) => /^\S+@\S+\.\S+$/.test(cell))) return 'email';
  if (open.includes('time_zone') && sample.some((cell) => /^[A-Z][a-z]+\/[A-Z]\w+$/.test(cell)))
    return 'time_zone';
  const words = ` ${folded(column)} `;
  return (
    open.find((field) =>
      NAMES[field].some((name) => name.length > 3 && words.includes(` ${folded(name)} `)),
    ) ??
    finderOf(open, (field) => NAMES[field])(column) ??
    null
  );
}

/** What is wrong with what an organiser says of the columns. */
export function wrongMapping(table: Table, said: Readonly<Record<string, unknown>>): FieldProblem[] {
  const errors: FieldProblem[] = [];
  for (const [column, field] of Object.entries(said)) {
    const at = `mapping.${column}`;
    if (!table.columns.includes(column)) {
      errors.push({
        field: at,
        code: 'column_unknown',
        detail: `There is no column "${column}". The columns are: ${table.columns.join(', ')}.`,
      });
    } else if (field !== null && !FIELDS.includes(field as ListField)) {
      errors.push({
        field: at,
        code: 'field_unknown',
        detail: `A column can be ${FIELDS.join(', ')}, or null when it is not to be read.`,
      });
    }
  }
  for (const [field, columns] of Map.groupBy(Object.entries(said), ([, value]) => value)) {
    if (typeof field !== 'string' || columns.length < 2) continue;
    errors.push({
      field: `mapping.${columns[1]![0]}`,
      code: 'doubled_column',
      detail: `${field} is said of ${columns.length} columns; say it of one, and null of the others.`,
    });
  }
  return errors;
}

/** A row of a list by fields. */
export interface ListRow {
  /** Line in the file, or row of the sheet, from 1. */
  line: number;
  cells: Record<Column, string>;
  /** How many cells the row has, when cells that are not empty stand beyond the columns, or some are lacking. */
  cellsFound: number | null;
  /** Fields that are results of formulas. */
  formulas?: Column[];
  /** Whether the sheet does not show it. */
  isHidden?: boolean;
}

/** The rows of a table as its mapping reads them. */
export function rowsOf(table: Table, { columns }: Mapping): ListRow[] {
  const position = new Map(columns.flatMap(({ field }, index) => (field ? [[field, index] as const] : [])));
  return table.rows.map((row) => {
    const cell = (field: ListField): string => row.cells[position.get(field) ?? -1] ?? '';
    const name = [cell('given_name'), cell('family_name')].filter((part) => part.trim()).join(' ');
    const isLonger = row.cells.slice(table.columns.length).some((text) => text.trim() !== '');
    const isShorter = row.cells.length < table.columns.length;
    const formulas = (row.formulas ?? []).flatMap((index) => {
      const field = columns[index]?.field;
      if (!field) return [];
      return field === 'given_name' || field === 'family_name' ? ['name' as const] : [field];
    });
    return {
      line: row.line,
      cells: Object.fromEntries(
        COLUMNS.map((field) => [field, field === 'name' && name ? name : cell(field)]),
      ) as Record<Column, string>,
      cellsFound: isLonger || isShorter ? row.cells.length : null,
      ...(formulas.length > 0 && { formulas: [...new Set(formulas)] }),
      ...(row.isHidden && { isHidden: true }),
    };
  });
}
