import { DataSource, type DataSourceOptions } from 'typeorm';
import { AuditEntry } from '@app/platform';
import { AddressSuppression, Mail, MailReturn, MailWording, SmtpCircuit, Unsubscription } from '@app/mail';
import { ApiToken, Organiser, Session, SignInLink } from '@app/accounts';
import { Mechanism, Person } from '@app/directory';
import {
  AgendaItem,
  AgendaSession,
  Dialogue,
  DialogueRole,
  DocumentVersion,
  Process,
  ProcessRole,
  ReminderRule,
} from '@app/dialogues';
import {
  Answer,
  AnswerFile,
  Approval,
  Attendance,
  ChasingRule,
  Delegation,
  Import,
  Invitation,
  PersonalCode,
  Places,
  PrivacyNotice,
  Question,
  Registration,
  Substitution,
} from '@app/participants';
import { Commitment, Intervention, Note, NoteName, NoteSession } from '@app/proceedings';
import { TheMainJob1790000000000 } from './migrations/1790000000000-the-main-job';
import { RegistrationAsStatesNeedIt1790100000000 } from './migrations/1790100000000-registration-as-states-need-it';
import { MailNeverLostNeverDoubled1790200000000 } from './migrations/1790200000000-mail-never-lost-never-doubled';
import { ListsInPlaceAndFailuresAtOnce1790300000000 } from './migrations/1790300000000-lists-in-place-and-failures-at-once';
import { VersionsOfWholeDocuments1790400000000 } from './migrations/1790400000000-versions-of-whole-documents';
import { JoinLinkRevocations1790500000000 } from './migrations/1790500000000-join-link-revocations';
import { NamesBesidePublishedNotes1790600000000 } from './migrations/1790600000000-names-beside-published-notes';
import { RecomputedNameKeys1790700000000 } from './migrations/1790700000000-recomputed-name-keys';
import { AddressKeysInAscii1790800000000 } from './migrations/1790800000000-address-keys-in-ascii';
import { SinceWhenMailsAreUnwritten1790900000000 } from './migrations/1790900000000-since-when-mails-are-unwritten';
import { DocumentsAndChairsAreObjects1791000000000 } from './migrations/1791000000000-documents-and-chairs-are-objects';
import { ReplaysWithoutBodiesAndMakersOfTokens1791100000000 } from './migrations/1791100000000-replays-without-bodies-and-makers-of-tokens';
import { SnakeNamingStrategy } from './snake-naming.strategy';

/** Every entity of Plenary. This is the only place that lists them. */
const entities = [
  AuditEntry,
  Mail,
  MailReturn,
  AddressSuppression,
  Unsubscription,
  MailWording,
  SmtpCircuit,
  Organiser,
  SignInLink,
  Session,
  ApiToken,
  Mechanism,
  Person,
  Process,
  ProcessRole,
  Dialogue,
  DialogueRole,
  DocumentVersion,
  AgendaSession,
  AgendaItem,
  ReminderRule,
  Delegation,
  Places,
  Invitation,
  Registration,
  Approval,
  Substitution,
  ChasingRule,
  Question,
  Answer,
  AnswerFile,
  PrivacyNotice,
  PersonalCode,
  Import,
  Attendance,
  Note,
  NoteSession,
  NoteName,
  Intervention,
  Commitment,
];

/** How to connect: `url` is a PostgreSQL URL, `connections` the size of the pool of this process. */
export function dataSourceOptions(url: string, connections = 10): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities,
    migrations: [
      TheMainJob1790000000000,
      RegistrationAsStatesNeedIt1790100000000,
      MailNeverLostNeverDoubled1790200000000,
      ListsInPlaceAndFailuresAtOnce1790300000000,
      VersionsOfWholeDocuments1790400000000,
      JoinLinkRevocations1790500000000,
      NamesBesidePublishedNotes1790600000000,
      RecomputedNameKeys1790700000000,
      AddressKeysInAscii1790800000000,
      SinceWhenMailsAreUnwritten1790900000000,
      DocumentsAndChairsAreObjects1791000000000,
      ReplaysWithoutBodiesAndMakersOfTokens1791100000000,
    ],
    namingStrategy: new SnakeNamingStrategy(),
    // Sessions speak UTC so that no timestamp depends on the server's own zone. Statements that are not awaited one by one go
    // over the line together, in order (`preparedTogether`).
    extra: { max: connections, options: '-c TimeZone=UTC', pipeline: true },
    synchronize: false,
  };
}

/** A data source that is not yet initialised; for commands and tests. */
export function createDataSource(url: string, connections?: number): DataSource {
  return new DataSource(dataSourceOptions(url, connections));
}
