// SPDX-License-Identifier: GPL-2.0
/*
 * Prints the state machine's table as a graph for dot: one arrow for each pair
 * of states that some event leads between, labelled with the events and with
 * what is then sent. Cells that stay in their state are left out.
 */
#include <linux/string.h>

#include "tcpx_fsm.h"

static const struct {
	u32 todo;
	const char *sent;
} sends[] = {
	{ TCPX_DO_SYN, "SYN" },
	{ TCPX_DO_SYNACK, "SYN,ACK" },
	{ TCPX_DO_ACK, "ACK" },
	{ TCPX_DO_RST, "RST" },
	{ TCPX_DO_CHALLENGE, "challenge ACK" },
};

/* From top to bottom of the picture. */
static const u8 states[] = {
	TCPX_CLOSED, TCPX_LISTEN, TCPX_SYN_SENT, TCPX_SYN_RECEIVED, TCPX_ESTABLISHED,
	TCPX_FIN_WAIT_1, TCPX_CLOSE_WAIT, TCPX_FIN_WAIT_2, TCPX_CLOSING, TCPX_LAST_ACK,
	TCPX_TIME_WAIT,
};

static void print_label(const struct tcpx_cell *cell, u8 event)
{
	const char *sep = " / ";

	printf("%s", tcpx_event_name(event));
	/* CLOSE queues a FIN behind the data; it goes out when its turn comes. */
	if (event == TCPX_EV_CLOSE && cell->todo & TCPX_DO_OUTPUT)
		printf(" / FIN");
	for (size_t i = 0; i < ARRAY_SIZE(sends); i++) {
		if (!(cell->todo & sends[i].todo))
			continue;
		printf("%s%s", sep, sends[i].sent);
		sep = ", ";
	}
	printf("\\n");
}

static void print_arrow(u8 from, u8 to)
{
	bool open = false;

	for (u8 event = 0; event < TCPX_NR_EVENTS; event++) {
		const struct tcpx_cell *cell = tcpx_fsm_cell(from, event);

		if (!cell || cell->next != to)
			continue;
		if (!open)
			printf("\t\"%s\" -> \"%s\" [label=\"", tcpx_state_name(from),
			       to == TCPX_CLOSED ? "end" : tcpx_state_name(to));
		open = true;
		print_label(cell, event);
	}
	if (!open)
		return;
	printf("\"%s];\n", to == TCPX_CLOSED ? ", color=grey50, fontcolor=grey30" : "");
}

int main(void)
{
	printf("digraph tcpx {\n"
	       "\tgraph [rankdir=TB, nodesep=0.5, ranksep=0.7];\n"
	       "\tnode [shape=box, style=rounded, fontname=\"sans-serif\"];\n"
	       /* CLOSED stands at both ends, as a connection's life does. */
	       "\tend [label=\"CLOSED\"];\n"
	       "\tedge [fontname=\"sans-serif\", fontsize=9];\n");
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(states); j++) {
			if (i != j)
				print_arrow(states[i], states[j]);
		}
	}
	printf("}\n");
	return 0;
}
