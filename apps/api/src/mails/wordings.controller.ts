import { Body, Controller, Delete, Get, HttpCode, Param, Put, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { languages, PLACEHOLDERS, placeholdersOf, type MailWording, type Words } from '@app/mail';
import {
  adaptableKind,
  adaptableKinds,
  mailLanguage,
  MailPreviews,
  MailWordings,
  type AdaptableKind,
} from '@app/notifications';
import { IfMatch, RequiredIfMatchOrNone, setETag } from '../http/etag';
import { IdPipe } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import {
  MailWordingAnswer,
  MailWordingsAnswer,
  PlaceholderAnswer,
  WordsAnswer,
  WordsBody,
} from './dto/wordings.dto';

@ApiTags('mails')
@Controller('v1/dialogues/:id/mail-wordings')
export class WordingsController {
  constructor(
    private readonly wordings: MailWordings,
    private readonly previews: MailPreviews,
  ) {}

  /** Every kind of mail that can be said in own words, what these may name, and what is adapted already. */
  @Get()
  async all(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
  ): Promise<MailWordingsAnswer> {
    const saved = await this.wordings.all(organiserId, id);
    return {
      languages,
      kinds: adaptableKinds().map((kind) => ({
        kind: kind.name,
        placeholders: placeholders(kind),
        wordings: saved.filter((one) => one.kind === kind.name).map(toAnswer),
      })),
    };
  }

  /** What a mail says in a language: in own words, and as Plenary says it. The ETag is that of the own words, if any. */
  @Get(':kind/:language')
  async one(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Param('kind') kindName: string,
    @Param('language') tag: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MailWordingAnswer> {
    const [kind, language] = [adaptableKind(kindName), mailLanguage(tag)];
    const saved = await this.wordings.all(organiserId, id);
    const own = saved.find((one) => one.kind === kind.name && one.language === language);
    if (own) setETag(reply, own.version);
    const { subject, opening } = await this.previews.plenarys(organiserId, id, kind, language);
    return {
      kind: kind.name,
      language,
      placeholders: placeholders(kind),
      own: own ? toAnswer(own) : null,
      plenary: { subject, opening },
    };
  }

  /**
   * Says a mail in own words, from the next one that is written on. A placeholder that no mail of the kind could fill is
   * refused here, and nothing is saved.
   *
   * The first own words are saved with `If-None-Match: *`, all others with `If-Match`.
   */
  @Put(':kind/:language')
  async save(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Param('kind') kindName: string,
    @Param('language') tag: string,
    @Body() body: WordsBody,
    @RequiredIfMatchOrNone() expected: string | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WordsAnswer> {
    const [kind, language] = [adaptableKind(kindName), mailLanguage(tag)];
    const saved = await this.wordings.save(organiserId, id, kind, language, toWords(body), expected);
    setETag(reply, saved.version);
    return toAnswer(saved);
  }

  /** Goes back to Plenary's own words. */
  @Delete(':kind/:language')
  @HttpCode(204)
  async remove(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Param('kind') kindName: string,
    @Param('language') tag: string,
    @IfMatch() expected: number | undefined,
  ): Promise<void> {
    await this.wordings.remove(organiserId, id, adaptableKind(kindName), mailLanguage(tag), expected);
  }
}

/** What was sent, without the spaces around it. */
export function toWords({ subject, opening, closing }: WordsBody): Words {
  const trimmed = (texts: string[] | null | undefined) => texts?.map((text) => text.trim()) ?? null;
  return { subject: subject?.trim() ?? null, opening: trimmed(opening), closing: trimmed(closing) };
}

function placeholders(kind: AdaptableKind): PlaceholderAnswer[] {
  return placeholdersOf(kind).map((name) => ({
    placeholder: `{${name}}`,
    meaning: PLACEHOLDERS[name].meaning,
    may_be_missing: PLACEHOLDERS[name].mayBeMissing,
  }));
}

function toAnswer({ kind, language, subject, opening, closing, updatedAt }: MailWording): WordsAnswer {
  return { kind, language, subject, opening, closing, updated_at: updatedAt.toISOString() };
}
