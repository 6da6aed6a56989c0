import { Module, Controller, Get } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { hello } from '@app/platform';
@Controller() class C { @Get() get() { return { hello, t: Temporal.Now.instant().toString() }; } }
@Module({ controllers: [C] }) class M {}
async function main() { const a = await NestFactory.create<import('@nestjs/platform-fastify').NestFastifyApplication>(M, new FastifyAdapter()); await a.listen(3999); console.log((await a.inject('/')).body); await a.close(); }
void main();
