package sentiment

import "strings"

// givenNames are frequent given names that hardly mean anything else. Names
// count where they are written with a capital, or in a text without capitals.
var givenNames = map[string]int8{}

// wordyNames are names that are also words ("Joy", "Mark"): they count with a
// capital only, and not at the start of a sentence.
var wordyNames = map[string]int8{}

func init() {
	for _, g := range []struct {
		list   string
		gender int8
	}{{`james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony donald
		steven stephen paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan jacob gary
		nicholas eric jonathan larry justin scott brandon benjamin samuel gregory alexander patrick dennis jerry tyler aaron
		jose adam nathan henry douglas zachary peter kyle noah ethan jeremy walter christian keith roger terry harry sean
		arthur liam oliver lucas mason logan elijah carlos juan luis miguel pedro diego antonio marco giovanni luca matteo
		pierre jean françois jacques hans karl klaus jürgen wolfgang stefan lars sven erik ivan dmitri sergei vladimir igor
		boris mohammed muhammad ahmed ali omar hassan ibrahim raj amit ravi vikram hiroshi kenji takashi wei chen tom tim
		jim bob ben sam joe mike steve dave dan matt tony greg fred frederick albert ernest harold howard ralph leonard
		stanley nigel graham trevor alan simon ian colin ollie toby felix hugo oscar leo theo`, 1},
		{`mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty margaret sandra ashley
		kimberly emily donna michelle carol amanda dorothy melissa deborah stephanie rebecca sharon laura cynthia kathleen
		amy angela shirley anna brenda pamela emma nicole helen samantha katherine catherine christine debra rachel carolyn
		janet maria heather diane olivia julie joyce victoria ruth virginia lauren kelly christina joan evelyn judith andrea
		hannah megan cheryl jacqueline martha gloria teresa ann anne sara madison frances kathryn janice abigail
		alice julia judy sophia isabella charlotte amelia mia ava sofia chloe zoe lucia carmen rosa ana elena francesca
		giulia chiara claire camille juliette marie sophie isabelle heidi greta ingrid astrid freya olga natasha svetlana
		tatiana irina fatima aisha leila yasmin priya anjali lakshmi yuki sakura mei keiko jane kate katie lucy molly ellie
		sally peggy edith ethel mabel agnes beatrice eleanor florence martina nadia nora nina lena clara mathilda`, -1}} {
		for _, n := range strings.Fields(g.list) {
			givenNames[n] = g.gender
		}
	}
	for n, g := range map[string]int8{
		"mark": 1, "frank": 1, "jack": 1, "bill": 1, "will": 1, "max": 1, "rob": 1, "pat": 1, "bruce": 1, "earl": 1,
		"joy": -1, "hope": -1, "grace": -1, "faith": -1, "rose": -1, "lily": -1, "daisy": -1, "ruby": -1, "ivy": -1,
		"amber": -1, "crystal": -1, "dawn": -1, "violet": -1, "summer": -1, "iris": -1, "felicity": -1, "mercy": -1,
	} {
		wordyNames[n] = g
	}
	delete(givenNames, "ali") // both
	delete(givenNames, "jean")
}
