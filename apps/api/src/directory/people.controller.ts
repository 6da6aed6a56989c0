import { Body, Controller, Get, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { Problem } from '@app/platform';
import { MechanismsService, PeopleService, type Person, type PersonDraft } from '@app/directory';
import { IfMatch, setETag } from '../http/etag';
import { decodeCursor, IdPipe, toPage, UUID, withoutUndefined } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { ReplaysLocation } from '../http/replay';
import { directoryOf } from './directory-of';
import { NewPerson, PeoplePage, PeopleQuery, PersonAnswer, PersonChanges } from './dto/person.dto';

@ApiTags('directory')
@Controller('v1/people')
export class PeopleController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly people: PeopleService,
    private readonly mechanisms: MechanismsService,
  ) {}

  /** Adds a person to your directory, or to that of a dialogue which you prepare with a colleague. */
  @Post()
  @ReplaysLocation()
  async create(
    @CurrentOrganiser() organiserId: string,
    @Body() body: NewPerson,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PersonAnswer> {
    const {
      honorific,
      functional_title,
      affiliation,
      country,
      mechanism,
      capacity,
      time_zone,
      dialogue_id,
      ...rest
    } = body;
    const person = await this.people.create(await directoryOf(this.dataSource, organiserId, dialogue_id), {
      ...rest,
      honorific: honorific || null,
      functionalTitle: functional_title || null,
      affiliation: affiliation || null,
      country: country || null,
      mechanism: mechanism || null,
      capacity: capacity || null,
      timeZone: time_zone,
    });
    reply.header('location', `/v1/people/${person.id}`);
    return this.answer(reply, person);
  }

  /** Your people, by name. */
  @Get()
  async list(
    @CurrentOrganiser() organiserId: string,
    @Query() { limit, cursor, email, dialogue_id }: PeopleQuery,
  ): Promise<PeoplePage> {
    if (dialogue_id !== undefined && !email) {
      throw Problem.field(
        'email',
        'required',
        'email is needed beside dialogue_id: of a directory that may be a colleague’s you can ask for somebody, not for everybody.',
      );
    }
    const after = decodeCursor(cursor, [/^/, UUID]);
    const rows = await this.people.list(
      await directoryOf(this.dataSource, organiserId, dialogue_id),
      limit + 1,
      after && { nameKey: after[0]!, id: after[1]! },
      email,
    );
    const codes = await this.codes(rows);
    return toPage(
      rows,
      limit,
      (person) => toAnswer(person, codes),
      ({ nameKey, id }) => [nameKey, id],
    );
  }

  /** One of your people. */
  @Get(':id')
  async get(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PersonAnswer> {
    return this.answer(reply, await this.people.get(organiserId, id));
  }

  /** Changes what you know of a person. Registrations keep what was said there. */
  @Patch(':id')
  async update(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() { functional_title, time_zone, ...body }: PersonChanges,
    @IfMatch() expectedVersion: number | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PersonAnswer> {
    const given = withoutUndefined({ ...body, functionalTitle: functional_title, timeZone: time_zone });
    const changes = Object.fromEntries(
      Object.entries(given).map(([field, value]) => [field, value === '' ? null : value]),
    ) as Partial<PersonDraft>;
    return this.answer(reply, await this.people.update(organiserId, id, changes, expectedVersion));
  }

  private async answer(reply: FastifyReply, person: Person): Promise<PersonAnswer> {
    setETag(reply, person.version);
    return toAnswer(person, await this.codes([person]));
  }

  private async codes(people: Person[]): Promise<Map<string, string>> {
    const ids = people.flatMap(({ mechanismId }) => mechanismId ?? []);
    return ids.length === 0 ? new Map() : this.mechanisms.codes([...new Set(ids)]);
  }
}

function toAnswer(person: Person, codes: Map<string, string>): PersonAnswer {
  return {
    id: person.id,
    honorific: person.honorific,
    name: person.name,
    functional_title: person.functionalTitle,
    email: person.email,
    affiliation: person.affiliation,
    country: person.country,
    mechanism: person.mechanismId && (codes.get(person.mechanismId) ?? null),
    capacity: person.capacity,
    language: person.language,
    time_zone: person.timeZone,
    version: person.version,
  };
}
