export { Mechanism, type Chair } from './mechanism.entity';
export { Person } from './person.entity';
