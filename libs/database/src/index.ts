export { createDataSource, dataSourceOptions } from './data-source';
export { DatabaseModule } from './database.module';
export { assertMayMakeKey, checkDatabase } from './link-key';
export { migrate } from './migrate';
