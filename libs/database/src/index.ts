export { createDataSource, dataSourceOptions } from './data-source';
export { DatabaseModule } from './database.module';
export { migrate } from './migrate';
