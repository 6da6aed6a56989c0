import { Module } from '@nestjs/common';
import { MechanismsService } from './mechanisms.service';
import { PeopleService } from './people.service';

/** Mechanisms and people. */
@Module({ providers: [MechanismsService, PeopleService], exports: [MechanismsService, PeopleService] })
export class DirectoryModule {}
