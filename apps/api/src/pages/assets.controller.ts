import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../http/organiser.guard';
import { PAGE_SCRIPT } from './page.script';
import { PAGE_STYLES } from './page.styles';

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#12365c"/><path d="M6 22a10 10 0 0 1 20 0M11 22a5 5 0 0 1 10 0" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round"/></svg>`;

/** Pages name these with the hash of their content, so they may be kept for a year. */
const CACHE_CONTROL = 'public, max-age=31536000, immutable';

/** What the pages load. */
@ApiExcludeController()
@Public()
@Controller('assets')
export class AssetsController {
  @Get('page.css')
  @Header('content-type', 'text/css; charset=utf-8')
  @Header('cache-control', CACHE_CONTROL)
  styles(): string {
    return PAGE_STYLES;
  }

  @Get('page.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  @Header('cache-control', CACHE_CONTROL)
  script(): string {
    return PAGE_SCRIPT;
  }

  @Get('icon.svg')
  @Header('content-type', 'image/svg+xml')
  @Header('cache-control', CACHE_CONTROL)
  icon(): string {
    return ICON;
  }
}
