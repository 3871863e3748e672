import * as v from 'valibot';
import { TtlSchema } from './control.ts';
import { startStandIn } from './index.ts';

/**
 * The stand-in as a process of its own: prints one line of JSON, `{ "origin", "endpoints" }`, and serves
 * until its standard input ends or it is told to stop. An argument, if there is one, is JSON with options.
 */
const OptionsSchema = v.object({
  ttl: v.exactOptional(TtlSchema),
  redirectPorts: v.exactOptional(
    v.object({
      anthropic: v.exactOptional(v.array(v.number())),
      openai: v.exactOptional(v.array(v.number())),
    }),
  ),
});

const standIn = await startStandIn(v.parse(OptionsSchema, JSON.parse(process.argv[2] ?? '{}')));
const { origin, endpoints } = standIn;
process.stdout.write(`${JSON.stringify({ origin, endpoints })}\n`);

process.stdin.resume().once('end', stop).once('close', stop);
process.once('SIGTERM', stop).once('SIGINT', stop);

function stop(): void {
  void standIn.close().then(() => process.exit(0));
}
