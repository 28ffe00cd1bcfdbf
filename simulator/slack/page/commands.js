// What happens to a line that starts with "/". What goes wrong is said by Slackbot, to this person only.

import * as api from "./api.js";
import { loadViews } from "./load.js";
import { tell } from "./notices.js";
import { state } from "./store.js";

export const INVITE = {
  command: "/invite",
  description: "Invite the app to this channel",
  usage_hint: "@app",
};

/** Run a typed command: at is {key, channel, thread?}. */
export async function runTyped(at, line) {
  const [, command, text] = /^(\/\S+)\s*([\s\S]*)$/.exec(line) ?? [null, line, ""];
  if (command === "/invite") return invite(at);
  if (!state.workspace.commands.some((known) => known.command === command)) {
    return tell(
      at.key,
      `\`${escape(command)}\` is not a valid command. In Slack, all messages that start with “/” are read as commands.`,
    );
  }
  const answer = await api
    .runCommand({ channel: at.channel, command, text, thread_ts: at.thread })
    .catch((error) => ({ ok: false, error: error.message }));
  await loadViews();
  return answer.ok ? undefined : tell(at.key, refusal(at, command, answer));
}

async function invite(at) {
  await api.inviteBot(at.channel);
}

function refusal(at, command, { error, message }) {
  if (at.thread) return `\`${escape(command)}\` is not supported in threads. Sorry!`;
  if (typeof message === "string") return message;
  return /^[a-z_]+$/.test(error)
    ? `\`${escape(command)}\` failed with the error “${error}”.`
    : `\`${escape(command)}\` failed: ${escape(error)}`;
}

const escape = (text) =>
  String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/`/g, "'");
