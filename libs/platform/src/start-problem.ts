/**
 * Why a program can't start, in words for the person who starts it: what is wrong and how to put it right. The program
 * shows them and ends; a stack trace would only hide them.
 */
export class StartProblem extends Error {
  override readonly name = 'StartProblem';
}
