import { ownKey } from '@app/platform';

/**
 * SQL of whether someone asked by the invitation `i` has answered in its dialogue already: by a registration that is linked
 * to it, or by one under the same name and address, as by the open link before they were invited. An unconfirmed one may be
 * anybody's; and whoever withdrew can be asked anew.
 * @param person how the statement calls the row of the invited person
 */
export function isRegisteredAlready(person: string): string {
  const stands = `own.state NOT IN ('unconfirmed', 'withdrawn')`;
  return `(EXISTS (SELECT FROM registrations own WHERE own.invitation_id = i.id AND ${stands})
    OR EXISTS (SELECT FROM registrations own WHERE own.dialogue_id = i.dialogue_id
      AND own.email_key = ${person}.email_key AND own.name_key = ${ownKey(`${person}.name_key`)} AND ${stands}))`;
}

/**
 * SQL of the registration of person `p`, who has invitation `i` in dialogue `d`: the one that is linked to it, else the one
 * under the same name and address. Two look-ups, each by an index of its own: asked with one OR, PostgreSQL may go through
 * all registrations of the dialogue, and does where it planned while there were few.
 * @param which of them count, of a row `own`.
 */
export function registrationOfInvited(which = 'true'): string {
  return `(SELECT own.* FROM (
      SELECT * FROM registrations WHERE invitation_id = i.id
      UNION ALL SELECT * FROM registrations WHERE dialogue_id = d.id AND email_key = p.email_key AND name_key = ${ownKey('p.name_key')}
    ) AS own WHERE ${which} ORDER BY own.invitation_id = i.id DESC NULLS LAST LIMIT 1)`;
}
