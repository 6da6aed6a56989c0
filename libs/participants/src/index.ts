export { AnswerFile } from './questions/answer-file.entity';
export { Answer } from './questions/answer.entity';
export { Approval } from './approvals/approval.entity';
export { Attendance } from './attendance/attendance.entity';
export { Attendances } from './attendance/attendance.service';
export { ChasingRule } from './chasing/chasing-rule.entity';
export { Delegation, DELEGATION_ROLES, type DelegationRole } from './delegations/delegation.entity';
export { Import } from './imports/import.entity';
export type { ImportRow, ImportVerdict } from './imports/import.rules';
export {
  ImportsService,
  knownMechanisms,
  type ImportOutcome,
  type ImportPreview,
} from './imports/imports.service';
export { Invitation, type InvitationState } from './invitations/invitation.entity';
export {
  InvitationsService,
  type Addressees,
  type InvitationCounts,
  type InvitationRow,
} from './invitations/invitations.service';
export { PersonalLinks, type OwnInvitation, type OwnRegistration } from './links/personal-links.service';
export { ParticipantsModule } from './participants.module';
export { DialoguePlacesService } from './places/dialogue-places.service';
export { Places } from './places/places.entity';
export { PlacesService } from './places/places.service';
export { PersonalCode } from './privacy/personal-code.entity';
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
  askingOf,
  auditSensitiveRead,
  writeAnswers,
  type Asker,
  type Asking,
} from './questions/answers';
export { FILE_ENDINGS, FILE_NAMES, MEDIA_TYPES, type MediaType } from './questions/media-types.rules';
export {
  MOST_FILE_BYTES,
  MOST_FILE_QUESTIONS,
  wordsIn,
  type QuestionInput,
} from './questions/question-drafts.rules';
export {
  isAsked,
  MOST_OF_AN_ANSWER,
  readAnswers,
  type Answers,
  type AnswerValue,
  type AskedOf,
  type GivenAnswer,
  type ReadAnswers,
  type UploadedFile,
} from './questions/questions.rules';
export { Questions, type AnswerFileContent } from './questions/questions.service';
export { Question, type Condition, type QuestionKind, type Words } from './questions/question.entity';
export {
  Registration,
  type Attends,
  type ConsentToBeListed,
  type RegistrationState,
} from './registrations/registration.entity';
export {
  oneLine,
  readNewcomer,
  readRegistration,
  type KnownMechanism,
  type RegistrationData,
  type RegistrationInput,
} from './registrations/registration-data.rules';
export {
  RegistrationLists,
  type RegistrationCounts,
  type RegistrationRow,
} from './registrations/registration-lists.service';
export {
  mayAnswer,
  mayRegister,
  maySayWhetherListed,
  standing,
  type Standing,
} from './registrations/registration.rules';
export { RegistrationsService, type Alongside, type Outcome } from './registrations/registrations.service';
export { Substitution } from './substitutions/substitution.entity';
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
  CONFIRMATION,
  INVITATION,
  INVITATION_CANCELLATION,
  REGISTRATION_LINK,
  SUBSTITUTE,
  SUBSTITUTED,
  SUBSTITUTION_REFUSED,
  WAITLISTED,
  WITHDRAWAL,
} from './mail-kinds';
