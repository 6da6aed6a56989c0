export { DirectoryModule } from './directory.module';
export { Mechanism, type Chair } from './mechanism.entity';
export { MechanismsService, type MechanismDraft, type NamedMechanism } from './mechanisms.service';
export { PeopleService, type PersonDraft } from './people.service';
export { Person } from './person.entity';
export { languageRemedy } from './languages.rules';
export { canonicalCountry, countryChoices, countryName } from './states/states.rules';
export { canonicalLanguage, canonicalTimeZone, presentTimeZone } from './tags.rules';
