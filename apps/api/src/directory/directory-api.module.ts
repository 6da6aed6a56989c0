import { Module } from '@nestjs/common';
import { DirectoryModule } from '@app/directory';
import { MechanismsController } from './mechanisms.controller';
import { PeopleController } from './people.controller';

@Module({ imports: [DirectoryModule], controllers: [MechanismsController, PeopleController] })
export class DirectoryApiModule {}
