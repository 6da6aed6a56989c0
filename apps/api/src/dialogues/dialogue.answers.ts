import { agendaTimes, type Agenda, type Dialogue, type DialogueCounts, type Role } from '@app/dialogues';
import type { AgendaWarning } from '@app/proceedings';
import type { AgendaAnswer } from './dto/agenda.dto';
import type { DialogueAnswer } from './dto/dialogue.dto';

/** A dialogue as the API shows it to its organiser. */
export function dialogueAnswer(
  dialogue: Dialogue,
  counts: DialogueCounts,
  roles: Role[],
  publicUrl: string,
): DialogueAnswer {
  return {
    id: dialogue.id,
    slug: dialogue.slug,
    roles,
    process_id: dialogue.processId,
    url: `${publicUrl.replace(/\/$/, '')}/d/${dialogue.slug}`,
    state: dialogue.state,
    title: dialogue.title,
    purpose: dialogue.purpose,
    starts_at_local: dialogue.startsAtLocal,
    ends_at_local: dialogue.endsAtLocal,
    time_zone: dialogue.timeZone,
    starts_at: dialogue.startsAt.toISOString(),
    ends_at: dialogue.endsAt.toISOString(),
    venue: dialogue.venue,
    hosts: dialogue.hosts,
    working_languages: dialogue.workingLanguages,
    documents: dialogue.documents,
    places: counts.places,
    registration: dialogue.registration,
    approvals_needed: dialogue.approvalsNeeded,
    promotion: dialogue.promotion,
    offer_for: dialogue.offerFor,
    substitution: dialogue.substitution,
    answers_due_at_local: dialogue.answersDueAtLocal,
    answers_due_at: dialogue.answersDueAt?.toISOString() ?? null,
    retention_days: dialogue.retentionDays,
    purged_at: dialogue.purgedAt?.toISOString() ?? null,
    reason: dialogue.cancellationReason,
    schedule_revision: dialogue.scheduleRevision,
    announcement_due_at: dialogue.announcementDueAt?.toISOString() ?? null,
    counts: {
      invitations_prepared: counts.invitationsPrepared,
      invitations_sent: counts.invitationsSent,
      invitations_accepted: counts.invitationsAccepted,
      invitations_declined: counts.invitationsDeclined,
      awaiting_approval: counts.awaitingApproval,
      waitlisted: counts.waitlisted,
      offered: counts.offered,
      confirmed: counts.confirmed,
      under_review: counts.underReview,
      refused: counts.refused,
      unconfirmed: counts.unconfirmed,
      withdrawn: counts.withdrawn,
    },
    version: dialogue.version,
    created_at: dialogue.createdAt.toISOString(),
    published_at: dialogue.publishedAt?.toISOString() ?? null,
  };
}

/** An agenda with its derived times, and what to look at. */
export function agendaAnswer(
  { dialogue, sessions, version }: Agenda,
  warnings: AgendaWarning[],
): AgendaAnswer {
  const times = agendaTimes(dialogue.startsAt, sessions);
  return {
    sessions: sessions.map((session, index) => ({
      id: session.id,
      position: session.position,
      title: session.title,
      minutes: session.minutes,
      moderator: session.moderator,
      guiding_questions: session.guidingQuestions,
      items: session.items.map((item, number) => ({
        id: item.id,
        position: item.position,
        title: item.title,
        minutes: item.minutes,
        moderator: item.moderator,
        speakers: item.speakers,
        documents: item.documents,
        starts_at: times[index]!.items[number]!.startsAt.toISOString(),
        ends_at: times[index]!.items[number]!.endsAt.toISOString(),
      })),
      starts_at: times[index]!.startsAt.toISOString(),
      ends_at: times[index]!.endsAt.toISOString(),
    })),
    warnings: warnings.map(({ candidates, ...warning }) => ({
      ...warning,
      ...(candidates && {
        candidates: candidates.map(({ registrationId, invitationId, honorific, name, state }) => ({
          registration_id: registrationId,
          invitation_id: invitationId,
          honorific,
          name,
          state,
        })),
      }),
    })),
    version,
  };
}
