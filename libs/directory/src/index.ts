export { DirectoryModule } from './directory.module';
export { Mechanism, type Chair } from './mechanism.entity';
export { MechanismsService, type MechanismDraft, type NamedMechanism } from './mechanisms.service';
export { PeopleService, type PersonDraft } from './people.service';
export { Person } from './person.entity';
export { canonicalCountry, canonicalLanguage, canonicalTimeZone, presentTimeZone } from './tags.rules';
