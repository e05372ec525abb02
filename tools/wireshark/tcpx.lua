-- SPDX-License-Identifier: GPL-2.0
--
-- Wireshark and tshark read tcpx as the TCP that it is, over IPv4 and IPv6:
--
--	tshark -X lua_script:tools/wireshark/tcpx.lua -r capture.pcap
--
-- or for good: copy this file to ~/.local/lib/wireshark/plugins. Where the module was
-- loaded with another ipproto=, say so: -o tcpx.protocol:254, or in the preferences.

local tcpx = Proto("tcpx", "TCP under a protocol number of its own (tcpx)")

tcpx.prefs.protocol = Pref.uint("IP protocol number", 253, "The module's parameter ipproto")

local present

local function announce()
	local by_number, tcp = DissectorTable.get("ip.proto"), Dissector.get("tcp")

	if present then
		by_number:remove(present, tcp)
	end
	present = tcpx.prefs.protocol
	by_number:add(present, tcp)
end

tcpx.prefs_changed = announce
announce()
