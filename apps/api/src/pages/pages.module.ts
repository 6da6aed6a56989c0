import { Module } from '@nestjs/common';
import { AssetsController } from './assets.controller';

/** What every page has in common: its style sheet and the like. */
@Module({ controllers: [AssetsController] })
export class PagesModule {}
