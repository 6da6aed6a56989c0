import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { audit, emailKey, isSetAside, nameKey, Problem, type FieldProblem } from '@app/platform';
import { MechanismsService } from './mechanisms.service';
import { Person } from './person.entity';
import { languageRemedy } from './languages.rules';
import { canonicalCountry, countryRemedy } from './states/states.rules';
import { canonicalLanguage, canonicalTimeZone } from './tags.rules';

/** What an organiser says of a person. */
export interface PersonDraft {
  honorific: string | null;
  name: string;
  functionalTitle: string | null;
  email: string;
  affiliation: string | null;
  country: string | null;
  /** Code or any name of a mechanism of the organiser. */
  mechanism: string | null;
  capacity: string | null;
  language: string;
  timeZone: string;
}

/** The people in an organiser's directory. One address may be several people's; address and name together are one. */
@Injectable()
export class PeopleService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly mechanisms: MechanismsService,
  ) {}

  /** @throws Problem 409 `person_exists`, 422 */
  async create(organiserId: string, draft: PersonDraft): Promise<Person> {
    return this.dataSource.transaction(async (manager) => {
      const person = manager.create(Person, {
        organiserId,
        ...(await this.read(manager, organiserId, draft)),
      });
      await assertNew(manager, person);
      await manager.save(person);
      await audit(manager, { action: 'person.added', subjectId: person.id });
      return person;
    });
  }

  /** @throws Problem 404, 409 `person_exists`, 412, 422 */
  async update(
    organiserId: string,
    id: string,
    changes: Partial<PersonDraft>,
    expectedVersion?: number,
  ): Promise<Person> {
    return this.dataSource.transaction(async (manager) => {
      const person = await manager.findOne(Person, {
        where: { id, organiserId },
        lock: { mode: 'pessimistic_write' },
      });
      if (!person) throw Problem.notFound('person');
      if (expectedVersion !== undefined && person.version !== expectedVersion)
        throw Problem.changedMeanwhile();
      const before = { emailKey: person.emailKey, nameKey: person.nameKey };
      Object.assign(person, await this.read(manager, organiserId, withoutUnchangedCodes(changes, person)));
      person.version += 1;
      person.nameKey = nameKey(person.name);
      await assertNew(manager, person, before);
      await manager.save(person);
      await audit(manager, {
        action: 'person.changed',
        subjectId: id,
        details: { fields: Object.keys(changes) },
      });
      return person;
    });
  }

  /** @throws Problem 404 */
  async get(organiserId: string, id: string): Promise<Person> {
    const person = await this.dataSource.manager.findOneBy(Person, { id, organiserId });
    if (!person) throw Problem.notFound('person');
    return person;
  }

  /** By name; from after the name key and id given, `limit` at most. `email` narrows to one address. */
  async list(
    organiserId: string,
    limit: number,
    after?: { nameKey: string; id: string },
    email?: string,
  ): Promise<Person[]> {
    const query = this.dataSource.manager
      .createQueryBuilder(Person, 'person')
      .where('person.organiserId = :organiserId', { organiserId });
    if (email !== undefined) query.andWhere('person.emailKey = :email', { email: emailKey(email) });
    if (after) query.andWhere('(person.nameKey, person.id) > (:nameKey, :id)', after);
    return query.orderBy('person.nameKey').addOrderBy('person.id').limit(limit).getMany();
  }

  /** The columns behind what was written, only those that were. @throws Problem 422 with each field that is wrong */
  private async read(
    manager: EntityManager,
    organiserId: string,
    { mechanism, ...written }: Partial<PersonDraft>,
  ): Promise<Partial<Person>> {
    const errors: FieldProblem[] = [];
    const wrong = (field: string, code: string, detail: string) => errors.push({ field, code, detail });
    const person: Partial<Person> = { ...written };
    if (written.name !== undefined) person.nameKey = nameKey(written.name);
    if (written.email !== undefined) person.emailKey = emailKey(written.email);
    if (written.country) {
      const country = canonicalCountry(written.country);
      if (country) person.country = country;
      else wrong('country', 'country_unknown', `country ${countryRemedy(written.country)}`);
    }
    if (written.language !== undefined) {
      const language = canonicalLanguage(written.language);
      if (language) person.language = language;
      else wrong('language', 'language_unknown', `language ${languageRemedy(written.language)}`);
    }
    if (written.timeZone !== undefined) {
      const timeZone = canonicalTimeZone(written.timeZone);
      if (timeZone) person.timeZone = timeZone;
      else {
        wrong(
          'time_zone',
          'time_zone_unknown',
          'time_zone must be an IANA name, such as Africa/Cairo, not an abbreviation or an offset.',
        );
      }
    }
    if (mechanism === null || mechanism === '') person.mechanismId = null;
    else if (mechanism !== undefined) {
      const [known] = await this.mechanisms.findMechanismsByName(manager, organiserId, [mechanism]);
      if (known) person.mechanismId = known.id;
      else {
        wrong(
          'mechanism',
          'mechanism_unknown',
          `mechanism "${mechanism}" is not the code or a name of one of your mechanisms; add it first.`,
        );
      }
    }
    if (errors.length > 0) {
      throw new Problem(422, 'invalid_fields', errors.map(({ detail }) => detail).join(' '), errors);
    }
    return person;
  }
}

/**
 * An entry that was set aside beside one of the same name and address stays so as long as that one is there, and can be
 * changed like any other.
 * @throws Problem 409 `person_exists`
 */
/** A code that was stored before the lists were as they are may be sent back: it changes nothing. */
function withoutUnchangedCodes(changes: Partial<PersonDraft>, person: Person): Partial<PersonDraft> {
  const codes: (keyof PersonDraft & keyof Person)[] = ['country', 'language', 'timeZone'];
  return Object.fromEntries(
    Object.entries(changes).filter(
      ([field, value]) => !codes.some((code) => code === field && person[code] === value),
    ),
  );
}

async function assertNew(
  manager: EntityManager,
  person: Person,
  before?: Pick<Person, 'emailKey' | 'nameKey'>,
): Promise<void> {
  // Held until the transaction ends, so that two who add the same person wait for each other.
  await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `person ${person.organiserId} ${person.emailKey} ${person.nameKey}`,
  ]);
  const [other]: { id: string }[] = await manager.query(
    `SELECT id FROM people WHERE organiser_id = $1 AND email_key = $2 AND name_key = $3 AND id IS DISTINCT FROM $4`,
    [person.organiserId, person.emailKey, person.nameKey, person.id ?? null],
  );
  if (!other) return;
  if (before?.emailKey === person.emailKey && isSetAside(before.nameKey, person.nameKey)) {
    person.nameKey = before.nameKey;
    return;
  }
  const detail = `${person.name} with the address ${person.email} is already in your directory (id ${other.id}). Change that entry instead.`;
  throw new Problem(409, 'person_exists', detail, [{ field: 'email', code: 'person_exists', detail }]);
}
