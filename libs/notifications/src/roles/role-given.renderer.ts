import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ROLE_GIVEN, ROLES, type Role } from '@app/dialogues';
import {
  compose,
  readerLanguage,
  type ComposedMail,
  type Mail,
  type MailRenderer,
  type Stale,
} from '@app/mail';
import { MailLinks } from '../recipients/links.service';
import { roleGivenMail } from './role-given.mail';

/** A role as it is now. */
interface RoleNow {
  mailId: string;
  name: string;
  email: string;
  language: string;
  of: 'dialogue' | 'process';
  title: string | null;
  roles: Role[] | null;
  seesSensitive: boolean | null;
  isReplaced: boolean;
}

/** Renders the mails about roles given: a page in one statement. */
@Injectable()
export class RoleGivenMails implements MailRenderer {
  readonly kind = ROLE_GIVEN;

  constructor(
    private readonly dataSource: DataSource,
    private readonly links: MailLinks,
  ) {}

  async render(mails: Mail[]): Promise<Map<string, ComposedMail | Stale>> {
    const rows: RoleNow[] = await this.dataSource.query(
      `SELECT about.id::text AS "mailId", o.name, o.email, o.language,
         CASE WHEN about.process IS NULL THEN 'dialogue' ELSE 'process' END AS of,
         coalesce(d.title, p.title) AS title, coalesce(dr.roles, pr.roles) AS roles,
         coalesce(dr.sees_sensitive, pr.sees_sensitive) AS "seesSensitive",
         EXISTS (SELECT FROM mails newer WHERE newer.subject_id = about.organiser AND newer.kind = $5 AND newer.id > about.id
           AND newer.parameters = jsonb_strip_nulls(jsonb_build_object('dialogue', about.dialogue, 'process', about.process))
         ) AS "isReplaced"
       FROM unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::uuid[]) AS about (id, organiser, dialogue, process)
       JOIN organisers o ON o.id = about.organiser
       LEFT JOIN dialogues d ON d.id = about.dialogue LEFT JOIN processes p ON p.id = about.process
       LEFT JOIN dialogue_roles dr ON dr.dialogue_id = d.id AND dr.organiser_id = o.id
       LEFT JOIN process_roles pr ON pr.process_id = p.id AND pr.organiser_id = o.id`,
      [
        mails.map(({ id }) => id),
        mails.map(({ subjectId }) => subjectId),
        mails.map(({ parameters }) => parameters.dialogue ?? null),
        mails.map(({ parameters }) => parameters.process ?? null),
        this.kind.name,
      ],
    );
    return new Map(
      rows.flatMap(({ mailId, title, roles, isReplaced, ...row }): [string, ComposedMail | Stale][] => {
        if (title === null) return [];
        if (roles === null) return [[mailId, { stale: 'They no longer have a role there.' }]];
        if (isReplaced) return [[mailId, { stale: 'A newer mail says which roles they have.' }]];
        const language = readerLanguage(row.language);
        const content = roleGivenMail(
          {
            name: row.name,
            title,
            of: row.of,
            roles: ROLES.filter((role) => roles.includes(role)),
            seesSensitive: row.seesSensitive ?? false,
            url: this.links.signInPage(),
          },
          language,
        );
        return [
          [
            mailId,
            compose({ to: { name: row.name, address: row.email }, fromName: 'Plenary' }, content, language),
          ],
        ];
      }),
    );
  }
}
