"""What matching does: load, decide, save. One file per act, and two that own what a write must reach.

project_profile   an event of a profile comes in
embed_profile     texts become what they are scored by
propose_matches   candidates become proposals
propose_pair      every rule that a pair must pass to be proposed
policies          how many are proposed to whom: versioned documents
forums            an organiser announces a forum and changes it
keep_booked       a forum is not changed under the meetings that are booked there
registrations     who takes part in it, and whom they must meet
board_passes      one-time links by which a delegate opens the board
import_file       a file of an organiser: all of it, or nothing
open_round        an organiser has all of a forum ranked at once
run_round         its steps: scores, the ranking, the proposals
rescore_matches   open matches after a revision of one side
create_match      a new match, if both desks have room
request_partner   a participant names a partner
answer_match      accept, decline, expire
end_match         a match or a profile ends, with everything that depends on it
exclusions        whom a profile must never be matched with
meetings          request, confirm, move, cancel, lapse
free_slots        when two members can meet
spend_budget      how often an organisation may make others hear of it in a day
forget_profile    what an erasure leaves beside the profile
busy_times        when a member cannot meet; official calendars that change
linked_calendars  the same, read regularly from a calendar elsewhere
save_match        owner of a match, its pair, both desks and the rest of their organisations
save_meeting      owner of a meeting, its diary, claims and agendas
access            who may act for which side
"""
