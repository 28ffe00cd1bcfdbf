// What the select menus offer and how their choices are written down: options of the app (given or asked
// for), people, conversations, channels. Everywhere here a choice is {value, words, detail?, drawing?,
// option?}.

import { avatar } from "../avatar.js";
import { icon } from "../icons.js";
import { words } from "../mrkdwn.js";
import { personById, channelById, state } from "../store.js";

const KINDS = {
  users: {
    slot: "selected_user",
    choice: (id) => personChoice(personById(id) ?? { id, real_name: id }),
    all: people,
  },
  conversations: {
    slot: "selected_conversation",
    choice: (id) => channelChoice(channelById(id) ?? { id, name: id }),
    all: conversations,
  },
  channels: {
    slot: "selected_channel",
    choice: (id) => channelChoice(channelById(id) ?? { id, name: id }),
    all: channels,
  },
};

export const isMulti = (item) => item.type.startsWith("multi_");
export const isExternal = (item) => item.type.endsWith("external_select");

/** The choices that a value in state.values stands for. */
export function chosen(item, value) {
  const kind = kindOf(item);
  const slot = `${kind?.slot ?? "selected_option"}${isMulti(item) ? "s" : ""}`;
  const standing = [value[slot] ?? []].flat();
  return standing.map(kind ? kind.choice : optionChoice);
}

/** The value to write down for these choices. */
export function valueFor(item, choices) {
  const kind = kindOf(item);
  const written = choices.map((choice) => (kind ? choice.value : choice.option));
  const slot = kind?.slot ?? "selected_option";
  return isMulti(item) ? { [`${slot}s`]: written } : { [slot]: written[0] ?? null };
}

/** What the element itself offers, in groups [{label?, choices}]. External menus offer what was asked for. */
export function offered(item, answer) {
  const kind = kindOf(item);
  if (kind) return [{ choices: kind.all(item).map((id) => kind.choice(id)) }];
  const { options, option_groups: groups } = isExternal(item) ? (answer ?? {}) : item;
  if (groups)
    return groups.map((group) => ({ label: words(group.label), choices: group.options.map(optionChoice) }));
  return [{ choices: (options ?? []).map(optionChoice) }];
}

/** Only what matches the typed letters; external menus were filtered by the app. */
export function matching(groups, item, query) {
  const letters = query.trim().toLowerCase();
  if (!letters || isExternal(item)) return groups.filter((group) => group.choices.length);
  const fits = (choice) => choice.words.toLowerCase().includes(letters);
  return groups
    .map((group) => ({ ...group, choices: group.choices.filter(fits) }))
    .filter((group) => group.choices.length);
}

const kindOf = (item) => KINDS[item.type.replace(/^multi_/, "").replace(/_select$/, "")];

const optionChoice = (option) => ({
  value: option.value,
  words: words(option.text),
  detail: option.description && words(option.description),
  option,
});

const personChoice = (person) => ({
  value: person.id,
  words: person.real_name,
  drawing: person.name && avatar(person, 20),
});

function channelChoice(channel) {
  if (!channel.is_im)
    return {
      value: channel.id,
      words: channel.name,
      drawing: icon(channel.is_private ? "lock" : "channel", 16),
    };
  const other = channel.member_ids.find((id) => id !== state.as) ?? state.as;
  return { ...personChoice(personById(other) ?? { real_name: other }), value: channel.id };
}

function people() {
  return state.workspace.people.filter((person) => !person.is_bot).map((person) => person.id);
}

function channels() {
  return state.workspace.channels
    .filter((channel) => !channel.is_im && !channel.is_private && !channel.is_archived)
    .map((channel) => channel.id);
}

function conversations({ filter = {} }) {
  const include = filter.include ?? ["public", "private", "im", "mpim"];
  const fits = (channel) =>
    include.includes(channel.is_im ? "im" : channel.is_private ? "private" : "public") &&
    !(filter.exclude_external_shared_channels && channel.is_shared) &&
    !(filter.exclude_bot_users && channel.is_im && channel.member_ids.some((id) => personById(id)?.is_bot)) &&
    !channel.is_archived;
  return state.workspace.channels.filter(fits).map((channel) => channel.id);
}
