package sentiment

import (
	"fmt"
	"strings"
)

// role is what a noun says about a person.
type role struct {
	gender int8 // -1 woman, 1 man, 0 not said
	lo, hi float64
	best   float64 // age in years; 0: not said
}

// roles maps nouns for one person to what they say. Nouns with no gender and
// no age still mark where a person is mentioned.
var roles = map[string]role{}

// plurals maps nouns for several people to what they say.
var plurals = map[string]role{}

const (
	menNouns = `man gentleman guy dude bloke chap lad fellow sir mister mr father dad daddy papa pa husband son brother uncle
		nephew grandfather grandpa grandad granddad gramps grandson boyfriend fiancé groom bridegroom widower bachelor king prince
		emperor duke baron lord count monk priest pope imam rabbi bishop cardinal friar actor waiter steward policeman fireman
		businessman salesman postman milkman mailman fisherman craftsman sportsman chairman doorman handyman cowboy
		lumberjack butler knight wizard sorcerer warlock stepfather stepdad stepson stepbrother godfather male bro gigolo
		hubby congressman spokesman workman foreman nobleman frenchman englishman irishman dutchman
		scotsman gunman hangman madman hero landlord masseur patriarch señor monsieur batman superman
		tsar czar pharaoh sultan samurai viking caveman strongman`
	womenNouns = `woman lady gal madam ma'am mrs ms miss mother mom mum mommy mummy mama ma wife daughter sister aunt auntie
		niece grandmother grandma granny nana nan grandmum granddaughter girlfriend fiancée bride bridesmaid widow spinster queen
		princess empress duchess baroness countess nun actress waitress stewardess policewoman firewoman businesswoman saleswoman
		postwoman fisherwoman craftswoman sportswoman chairwoman cowgirl maid housewife witch sorceress stepmother stepmom
		stepdaughter stepsister godmother female ballerina midwife hostess heroine landlady matriarch señora señorita madame
		mademoiselle lass seamstress governess nanny diva gentlewoman noblewoman frenchwoman englishwoman irishwoman masseuse
		chick wifey mistress abbess priestess goddess sis congresswoman spokeswoman
		supermom`
	anyNouns = `person human somebody someone individual adult character figure doctor nurse
		teacher professor student soldier farmer baker butcher chef cook clerk cashier secretary accountant lawyer judge banker
		engineer scientist programmer developer artist painter sculptor writer poet author novelist journalist reporter
		photographer musician singer dancer drummer guitarist pianist violinist composer conductor director model clown magician
		acrobat athlete runner cyclist swimmer boxer wrestler footballer goalkeeper referee coach player champion climber hiker
		skier surfer diver sailor captain pirate pilot astronaut driver cabbie trucker mechanic plumber electrician carpenter
		builder mason welder miner worker labourer laborer cleaner janitor gardener florist barber hairdresser tailor shoemaker
		barista bartender barman sommelier customer client shopper patient victim survivor witness suspect thief burglar criminal
		prisoner inmate guard officer cop detective sheriff firefighter paramedic surgeon dentist vet pharmacist psychologist
		therapist librarian scholar philosopher historian archaeologist explorer traveller traveler tourist passenger commuter
		pedestrian neighbour neighbor friend colleague coworker boss manager director employee intern politician president
		minister mayor ambassador diplomat activist protester refugee immigrant beggar hermit stranger guest visitor fan spectator
		gambler winner loser hunter ranger shepherd beekeeper blacksmith watchmaker shopkeeper merchant vendor trader broker
		seamster weaver potter jeweller veteran newcomer heir orphan parent sibling cousin twin spouse partner
		lover relative grandparent patron owner tenant guide operator analyst consultant rival opponent enemy hostage
		cellist jogger barrister solicitor courier secretary receptionist tutor lecturer principal headteacher caretaker
		lifeguard bouncer bodyguard spy assassin vampire zombie zookeeper`
	// noun:gender:low-high:best
	agedNouns = `boy:m:6-17:13 schoolboy:m:6-15:11 girl:w:6-22:16 schoolgirl:w:6-15:11 tomboy:w:8-18:14 lad:m:14-25:18 lass:w:14-25:18
		lassie:w:14-25:18 youngster:n:10-20:16 youth:n:15-24:18 teenager:n:13-19:16 teen:n:13-19:16 adolescent:n:13-19:16
		tween:n:10-13:12 preteen:n:9-12:11 child:n:3-12:8 kid:n:4-14:9 toddler:n:1-3:2 baby:n:0-2:1 newborn:n:0-1:0.2 infant:n:0-2:1
		preschooler:n:3-5:4 kindergartner:n:4-6:5 pupil:n:6-16:11 freshman:n:17-19:18 sophomore:n:18-21:19 undergraduate:n:18-23:20
		undergrad:n:18-23:20 student:n:17-26:21 graduate:n:21-28:23 pensioner:n:63-85:71 retiree:n:60-85:69 senior:n:62-85:71
		oldster:n:65-90:75 elder:n:62-88:74 oldie:n:62-88:72 geezer:m:60-85:70 codger:m:62-88:72 crone:w:65-92:78 hag:w:62-90:74
		granny:w:60-88:72 grandma:w:58-86:70 grandmother:w:58-86:70 grandmum:w:58-86:70 nana:w:58-86:70 nan:w:58-86:70 abuela:w:58-86:70 babushka:w:60-86:70
		grandpa:m:58-86:70 grandfather:m:58-86:70 grandad:m:58-86:70 granddad:m:58-86:70 gramps:m:60-86:71 grandparent:n:58-86:70
		adult:n:20-60:38
		quadragenarian:n:40-49:45 quinquagenarian:n:50-59:55 sexagenarian:n:60-69:65 septuagenarian:n:70-79:75
		octogenarian:n:80-89:84 nonagenarian:n:90-99:94 centenarian:n:100-110:101 twentysomething:n:20-29:25
		thirtysomething:n:30-39:35 fortysomething:n:40-49:45 fiftysomething:n:50-59:55 millennial:n:28-44:36 boomer:n:60-79:68`
	pluralNouns = `men:m women:w ladies:w gentlemen:m guys:n boys:m:6-17:13 girls:w:6-22:16 children:n:3-12:8 kids:n:4-14:9 people:n friends:n
		brothers:m sisters:w parents:n students:n:17-26:21 teenagers:n:13-19:16 teens:n:13-19:16 grandparents:n:58-86:70 twins:n
		couple:n family:n crowd:n soldiers:n babies:n:0-2:1 toddlers:n:1-3:2 pensioners:n:63-85:71 grandchildren:n:1-14:8
		neighbours:n neighbors:n colleagues:n strangers:n`
	// Kin who are named in order to say whose life this is: "met his grandchild".
	otherNouns = `grandchild granddaughter grandson stepchild godchild godson goddaughter`
)

func init() {
	for _, g := range []struct {
		list   string
		gender int8
	}{{menNouns, 1}, {womenNouns, -1}, {anyNouns, 0}, {otherNouns, 0}} {
		for _, w := range strings.Fields(g.list) {
			if _, ok := roles[w]; !ok {
				roles[w] = role{gender: g.gender}
			}
		}
	}
	load := func(into map[string]role, list string) {
		for _, f := range strings.Fields(list) {
			p := strings.Split(f, ":")
			r := role{gender: map[string]int8{"m": 1, "w": -1}[p[1]]}
			if len(p) == 4 {
				fmt.Sscanf(p[2], "%f-%f", &r.lo, &r.hi)
				fmt.Sscanf(p[3], "%f", &r.best)
			}
			into[p[0]] = r
		}
	}
	load(roles, agedNouns)
	load(plurals, pluralNouns)
	roles["student"] = role{lo: 17, hi: 26, best: 21}
	for w, r := range map[string]role{":man:": {gender: 1}, ":woman:": {gender: -1}, ":boy:": roles["boy"], ":girl:": roles["girl"], ":baby:": roles["baby"]} {
		roles[w] = r
	}
}

var pronouns = map[string]int8{
	"he": 1, "him": 1, "his": 1, "himself": 1,
	"she": -1, "her": -1, "hers": -1, "herself": -1,
}

var speaker = set("i me my mine myself we us our")

// Adjectives and signs that tell the sex without a noun.
var sexed = map[string]float64{
	"male": 1, "masculine": 1, "female": -1, "feminine": -1, "pregnant": -1, "bearded": 0.9, "moustached": 0.9,
	"mustached": 0.9, "beard": 0.8, "moustache": 0.8, "mustache": 0.8, "manly": 0.9, "womanly": -0.9, "ladylike": -0.9,
}

// neutralSex are words that say outright that neither is meant.
var neutralSex = set("androgynous nonbinary genderless genderfluid")
