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
      AND own.email_key = ${person}.email_key AND own.name_key = ${person}.name_key AND ${stands}))`;
}
