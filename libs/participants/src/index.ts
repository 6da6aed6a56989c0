export { AnswerFile } from './questions/answer-file.entity';
export { Answer } from './questions/answer.entity';
export { Approval } from './approvals/approval.entity';
export { ApprovalsService, type ApprovalRow, type Decided } from './approvals/approvals.service';
export {
  ApproverMails,
  MAY_APPROVE,
  WAITING_FOR,
  whoWaits,
  type Waiting,
} from './approvals/approver-mails.service';
export { Attendance } from './attendance/attendance.entity';
export {
  attendsInPerson,
  attendsOnline,
  doorOpensAt,
  doorStanding,
  hasLinkToJoin,
  JOIN_GENERATION,
  LET_IN,
  joinOpensAt,
  spokenCode,
  type DoorStanding,
} from './attendance/attendance.rules';
export {
  Attendances,
  type Arrival,
  type AtTheDoor,
  type CodeHolder,
  type DoorDialogue,
  type DoorRow,
  type Joining,
} from './attendance/attendance.service';
export { DoorLinks } from './attendance/door-links.service';
export { CalendarReplies } from './calendar-replies/calendar-replies.service';
export { ChasingRule } from './chasing/chasing-rule.entity';
export { type ChasingRuleDraft } from './chasing/chasing.rules';
export { ChasingRulesService, type ChasingRules } from './chasing/chasing-rules.service';
export { Delegation, DELEGATION_ROLES, type DelegationRole } from './delegations/delegation.entity';
export { isNominated, mayNominate, type Seats, type SeatsOver } from './delegations/delegation.rules';
export { loadNominees, type Nominee } from './delegations/delegations.reader';
export {
  DelegationsService,
  recomputeDelegationTimes,
  type DelegationDraft,
  type DelegationView,
} from './delegations/delegations.service';
export { FocalPointLinks, type OwnDelegation } from './delegations/focal-point-links.service';
export {
  MOST_NOMINEES,
  CLOSED as nominationsClosed,
  NominationsService,
  type NominationInput,
  type NominationOutcome,
} from './delegations/nominations.service';
export { Import } from './imports/import.entity';
export type { ImportRow, ImportVerdict } from './imports/import.rules';
export {
  RegistrationExports,
  type ExportFormat,
  type RegistrationExport,
} from './exports/registration-exports.service';
export { writeSheet, type TextSheet } from './exports/sheet';
export { MOST_BYTES as MOST_BYTES_OF_LIST, XLSX } from './imports/import.table';
export {
  ImportsService,
  knownMechanisms,
  type ImportOutcome,
  type ImportPreview,
  type RowsPage,
  type UndoOutcome,
} from './imports/imports.service';
export { Invitation, type InvitationState } from './invitations/invitation.entity';
export {
  InvitationsService,
  type Addressees,
  type InvitationCounts,
  type InvitationRow,
} from './invitations/invitations.service';
export { JoinLinks } from './links/join-links.service';
export { LostLinks } from './links/lost-links.service';
export { PersonalLinks, type OwnInvitation, type OwnRegistration } from './links/personal-links.service';
export { ParticipantsModule } from './participants.module';
export { DialoguePlacesService, type DialogueLevels } from './places/dialogue-places.service';
export { Places } from './places/places.entity';
export { PlacesService } from './places/places.service';
export { CorrectionsService } from './privacy/corrections.service';
export { type Erased } from './privacy/erase-data';
export { ErasuresService } from './privacy/erasures.service';
export { PersonalCode } from './privacy/personal-code.entity';
export { codeWrong, PersonalCodes, type ProvenCode } from './privacy/personal-codes.service';
export { PersonalDataService, type PersonalData } from './privacy/personal-data.service';
export { maskAddress } from './privacy/privacy.rules';
export { RetentionService, type Purge } from './privacy/retention.service';
export { PrivacyNotice } from './privacy/privacy-notice.entity';
export { noticeFor, noticeVerdict, type CurrentNotice } from './privacy/privacy-notice.rules';
export {
  acceptNotice,
  currentNotice,
  PrivacyNotices,
  type WrittenNotice,
} from './privacy/privacy-notices.service';
export {
  answerColumns,
  answersOf,
  askedOf,
  askingOf,
  auditSensitiveRead,
  writeAnswers,
  type Asker,
  type Asking,
} from './questions/answers';
export { FILE_ENDINGS, FILE_NAMES, MEDIA_TYPES, type MediaType } from './questions/media-types.rules';
export {
  MOST_BYTES_OF_FILES,
  MOST_FILE_BYTES,
  wordsIn,
  type QuestionInput,
} from './questions/question-drafts.rules';
export {
  mayBeAsked,
  MOST_OF_AN_ANSWER,
  readAnswers,
  type Answers,
  type AnswerValue,
  type AskedOf,
  type GivenAnswer,
  type ReadAnswers,
  type UploadedFile,
} from './questions/questions.rules';
export { Questions, type AnswerFileContent, type AskedQuestions } from './questions/questions.service';
export { Question, type Condition, type QuestionKind, type Words } from './questions/question.entity';
export { WAS_WRITTEN_TO } from './registrations/changed-address';
export { isRegisteredAlready } from './registrations/registered';
export {
  Registration,
  type Attends,
  type ConsentToBeListed,
  type RegistrationState,
} from './registrations/registration.entity';
export {
  nameProblem,
  readNewcomer,
  readRegistration,
  type KnownMechanism,
  type RegistrationData,
  type RegistrationInput,
} from './registrations/registration-data.rules';
export type { Participant, RegistrationNow } from './registrations/situation';
export { Offers } from './registrations/offers.service';
export {
  RegistrationLists,
  type RegistrationCounts,
  type RegistrationRow,
} from './registrations/registration-lists.service';
export {
  mayAnswer,
  mayRegister,
  mayRename,
  holdsPlace,
  isActive,
  maySayWhetherListed,
  standing,
  takesPart,
  type Standing,
} from './registrations/registration.rules';
export { RegistrationsService, type Alongside, type Outcome } from './registrations/registrations.service';
export { MAY_DECIDE_ON_SUBSTITUTES } from './substitutions/proposal-mails';
export { Substitution } from './substitutions/substitution.entity';
export { InvitationSubstitutes } from './substitutions/invitation-substitutes.service';
export {
  maySubstitute,
  readSubstitute,
  type SubstituteData,
  type SubstituteInput,
} from './substitutions/substitution.rules';
export {
  SubstitutionsService,
  type OwnSubstitution,
  type SubstitutionDecision,
  type SubstitutionRow,
} from './substitutions/substitutions.service';
export {
  ADDRESS_CONFIRMATION,
  APPROVALS_WAITING,
  CALENDAR_REPLY,
  CALENDAR_REMOVAL,
  UNDELIVERED,
  UNWRITTEN,
  AWAITING_APPROVAL,
  CHASER,
  CONFIRMATION,
  DELEGATION_CANCELLATION,
  DELEGATION_CHANGE,
  ERASED,
  INVITATION,
  INVITATION_CANCELLATION,
  INVITATION_CHANGE,
  NOMINATION_CHASER,
  NOMINATION_REQUEST,
  PERSONAL_CODE,
  PURGED,
  OFFER,
  OFFER_LAPSED,
  REFUSAL,
  JOIN_LINK,
  REGISTRATION_LINK,
  SILENCE,
  SUBSTITUTE,
  SUBSTITUTED,
  SUBSTITUTION_PROPOSED,
  SUBSTITUTION_REFUSED,
  UNDER_REVIEW,
  WAITLISTED,
  WITHDRAWAL,
} from './mail-kinds';
export { SeriesService, type Earlier, type InvitedAgain } from './series/series.service';
export { ZoneRules } from './zone-rules/zone-rules.service';
